//! Which limits were met, how often, and when first.

use serde::Serialize;

/// A limit that was met.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    /// What it is a limit of.
    pub limit: &'static str,
    /// How often it refused something; for a queue whose workers are all at work, seconds.
    pub times: u64,
    /// When first, in seconds from the start of the curve.
    pub first_s: u64,
    /// Whether it refused calls. Otherwise documents only waited, as designed.
    pub refuses: bool,
}

/// Every limit there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    Api,
    Announcing,
    Ordering,
    OrderLooks,
    DocumentLooks,
    Account,
    ReservedPurchase,
    ReservedEnqueueHttp,
    ReservedEnqueueUploads,
    ReservedStamp,
    Scaling,
    Requests,
    Writes,
    Reads,
    Index,
    Tickets,
    Inventory,
    Lots,
    UploadPuts,
    UploadReads,
    StampedPuts,
    Serials,
    Uploads,
    Stamps,
    Bulk,
}

impl Limit {
    const NAMES: [&'static str; 25] = [
        "API Gateway: rate and burst (api_gateway_rate, ApiRateLimit)",
        "API Gateway: route POST /v1/documents (AnnounceRateLimit)",
        "API Gateway: route POST /v1/orders (OrderRateLimit)",
        "API Gateway: route GET /v1/orders/{id} (OrderLooksRateLimit)",
        "API Gateway: route GET /v1/documents/{id} (DocumentLooksRateLimit)",
        "Lambda: account concurrency (lambda_concurrency)",
        "Lambda: reserved concurrency of Purchase",
        "Lambda: reserved concurrency of EnqueueHttp",
        "Lambda: reserved concurrency of EnqueueUploads",
        "Lambda: reserved concurrency of Stamp",
        "Lambda: environments per 10 s and function",
        "Lambda: requests per unit of concurrency",
        "DynamoDB: table writes (WarmWriteUnits, table_write_quota)",
        "DynamoDB: table reads (WarmReadUnits, table_read_quota)",
        "DynamoDB: index writes (WarmWriteUnits, due shards)",
        "DynamoDB: partition of the ticket counter",
        "DynamoDB: partition of the list of open blocks",
        "DynamoDB: partition of one account's lots",
        "S3: puts of uploads",
        "S3: reads of uploads",
        "S3: puts of stamped files",
        "sales gate: no serials left (SellableSerials)",
        "mapping of uploads: UploadsConcurrency",
        "mapping of stamps: StampsConcurrency",
        "mapping of the bulk lane: BulkConcurrency",
    ];

    /// Whether it refuses calls; otherwise documents only wait.
    const fn refuses(self) -> bool {
        !matches!(self, Self::Uploads | Self::Stamps | Self::Bulk)
    }
}

/// How often each was met, and when first.
#[derive(Debug, Default)]
pub(crate) struct Limits([Option<(u64, u64, bool)>; Limit::NAMES.len()]);

impl Limits {
    pub(crate) fn met(&mut self, limit: Limit, now_ms: u64) {
        self.met_often(limit, 1, now_ms);
    }

    /// So many times at once. For a queue whose workers are all at work: for so many seconds.
    pub(crate) fn met_often(&mut self, limit: Limit, times: u64, now_ms: u64) {
        if times == 0 {
            return;
        }
        if let Some(place) = self.0.get_mut(limit as usize) {
            let (all, ..) = place.get_or_insert((0, now_ms / 1_000, limit.refuses()));
            *all += times;
        }
    }

    /// The first one met first.
    pub(crate) fn in_order(&self) -> Vec<Hit> {
        let hits = Limit::NAMES.iter().zip(&self.0);
        let mut hits: Vec<Hit> = hits
            .filter_map(|(limit, met)| {
                met.map(|(times, first_s, refuses)| Hit {
                    limit,
                    times,
                    first_s,
                    refuses,
                })
            })
            .collect();
        hits.sort_by_key(|hit| (hit.first_s, hit.limit));
        hits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_is_told_by_its_own_name_the_first_one_met_first() {
        let mut limits = Limits::default();
        limits.met(Limit::Bulk, 7_000);
        limits.met_often(Limit::Api, 3, 9_000);
        limits.met_often(Limit::Serials, 0, 1_000);
        limits.met(Limit::Bulk, 9_000);
        let told = limits.in_order();
        let told: Vec<_> = told
            .iter()
            .map(|hit| (hit.limit, hit.times, hit.first_s, hit.refuses))
            .collect();
        assert_eq!(
            told,
            [
                ("mapping of the bulk lane: BulkConcurrency", 2, 7, false),
                (
                    "API Gateway: rate and burst (api_gateway_rate, ApiRateLimit)",
                    3,
                    9,
                    true
                )
            ]
        );
    }
}
