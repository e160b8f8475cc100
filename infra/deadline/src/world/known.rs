//! Settings that are read for each document, found once.

use super::queues::Which;
use crate::{
    error::Error,
    settings::{FUNCTIONS, Settings},
    steps::Steps,
};

const MB_PER_GB: f64 = 1_024.0;

/// How people behave, and where durations are found.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) http: usize,
    pub(super) mapping: usize,
    pub(super) cold: usize,
    pub(super) payer: usize,
    pub(super) notification: usize,
    pub(super) storage_event: usize,
    pub(super) file_kb: usize,
    pub(super) buys_permille: f64,
    pub(super) per_order: f64,
    /// Links: how fast in kbit/s, and how many in a thousand have the first and the last.
    pub(super) links_kbit: [f64; 3],
    pub(super) slow_permille: f64,
    pub(super) fast_permille: f64,
    pub(super) breaks_permille: f64,
    pub(super) first_wait_ms: f64,
    pub(super) longest_wait_ms: f64,
    pub(super) client_tries: u64,
    pub(super) poll_first_ms: f64,
    pub(super) poll_longest_ms: f64,
    pub(super) queue_poll_s: f64,
    pub(super) cdn: bool,
    pub(super) cdn_edges: f64,
    pub(super) sdk_tries: u64,
    pub(super) sdk_first_ms: f64,
    pub(super) deliveries: u64,
    batch: usize,
    bulk_batch: usize,
    pub(super) window_ms: f64,
    pub(super) row: usize,
    pub(super) lanes_open_ms: u64,
    pub(super) bulk_looks: bool,
    /// Memory of each function.
    pub(super) function_gb: Vec<f64>,
}

impl Known {
    pub(super) fn read(settings: &Settings, steps: &Steps) -> Result<Self, Error> {
        let get = |name: &str| settings.get(name);
        Ok(Self {
            http: steps.spread("http_overhead")?,
            mapping: steps.spread("mapping_overhead")?,
            cold: steps.spread("cold_start")?,
            payer: steps.spread("payer")?,
            notification: steps.spread("notification")?,
            storage_event: steps.spread("storage_event")?,
            file_kb: steps.spread("file_kb")?,
            buys_permille: get("buys_first_permille")?,
            per_order: get("stamps_per_order")?,
            links_kbit: [
                get("link_slow_kbit")?,
                get("link_usual_kbit")?,
                get("link_fast_kbit")?,
            ],
            slow_permille: get("link_slow_permille")?,
            fast_permille: get("link_fast_permille")?,
            breaks_permille: get("upload_fails_permille")?,
            first_wait_ms: get("client_first_wait_ms")?,
            longest_wait_ms: get("client_longest_wait_ms")?,
            client_tries: settings.whole("client_tries")?,
            poll_first_ms: get("poll_first_ms")?,
            poll_longest_ms: get("poll_longest_ms")?,
            queue_poll_s: get("queue_poll_s")?.max(1.0),
            cdn: get("cdn")? > 0.0,
            cdn_edges: get("cdn_edges")?,
            sdk_tries: settings.whole("sdk_tries")?,
            sdk_first_ms: get("sdk_first_wait_ms")?,
            deliveries: settings.whole("deliveries_most")?,
            batch: settings.whole("BatchSize")? as usize,
            bulk_batch: settings.whole("BulkBatchSize")? as usize,
            window_ms: get("BatchWindowSeconds")? * 1_000.0,
            function_gb: FUNCTIONS
                .iter()
                .map(|name| Ok(get(&format!("{name}.MemorySize"))? / MB_PER_GB))
                .collect::<Result<_, Error>>()?,
            row: steps.spread("dynamodb_get")?,
            bulk_looks: get("bulk_looks")? > 0.0,
            lanes_open_ms: settings.whole("lanes_open_s")? * 1_000,
        })
    }

    /// Most messages that a worker of this queue is given at a time.
    pub(super) const fn batch(&self, of: Which) -> usize {
        match of {
            Which::Uploads | Which::Single => self.batch,
            Which::Bulk => self.bulk_batch,
        }
    }
}
