//! The API in front of the functions: what the account may take, and what each route may take of it.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html>

use crate::{bucket::Bucket, error::Error, limits::Limit, settings::Settings, steps::Step};

/// The account's throttle, and those of the routes that have their own.
#[derive(Debug)]
pub(crate) struct Api {
    all: Bucket,
    announcing: Bucket,
    ordering: Bucket,
    order_looks: Bucket,
    document_looks: Bucket,
}

impl Api {
    pub(crate) fn new(settings: &Settings) -> Result<Self, Error> {
        let get = |name: &str| settings.get(name);
        // The stage's default is for each route; that of a route without its own is the account's at most.
        let all = get("api_gateway_rate")?.min(get("ApiRateLimit")?);
        let burst = get("api_gateway_burst")?.min(get("ApiBurstLimit")?);
        let route = |name: &str| -> Result<Bucket, Error> {
            let rate = get(name)?;
            // A route's burst is its rate (infra/template.yaml); no more is ever there than the account's.
            Ok(Bucket::new(rate, rate.min(burst)))
        };
        Ok(Self {
            all: Bucket::new(all, burst),
            announcing: route("AnnounceRateLimit")?,
            ordering: route("OrderRateLimit")?,
            order_looks: route("OrderLooksRateLimit")?,
            document_looks: route("DocumentLooksRateLimit")?,
        })
    }

    /// Lets one request in, or says what it met. A route's throttle is asked before the account's, so that what it
    /// refuses takes nothing from the others.
    pub(crate) fn take(&mut self, step: Step, now_ms: u64) -> Result<(), Limit> {
        let own = match step {
            Step::Announce => Some((&mut self.announcing, Limit::Announcing)),
            Step::Order => Some((&mut self.ordering, Limit::Ordering)),
            Step::PollOrder => Some((&mut self.order_looks, Limit::OrderLooks)),
            Step::PollDocument => Some((&mut self.document_looks, Limit::DocumentLooks)),
            Step::Notify | Step::Accept | Step::Wake | Step::Stamp => None,
        };
        if let Some((bucket, limit)) = own
            && !bucket.take(1.0, now_ms)
        {
            return Err(limit);
        }
        if self.all.take(1.0, now_ms) {
            Ok(())
        } else {
            Err(Limit::Api)
        }
    }

    /// Lets in as many of so many as there is room for, of routes without a throttle of their own.
    pub(crate) fn take_some(&mut self, count: f64, now_ms: u64) -> f64 {
        self.all.take_some(count, now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(of: &[&str]) -> Api {
        let template = Settings::of_template().unwrap();
        let settings = of.iter().fold(template, |s, text| s.with(text).unwrap());
        Api::new(&settings).unwrap()
    }

    fn let_in(api: &mut Api, step: Step, wanted: u32) -> (u32, Option<Limit>) {
        for n in 0..wanted {
            if let Err(met) = api.take(step, 0) {
                return (n, Some(met));
            }
        }
        (wanted, None)
    }

    #[test]
    fn however_many_look_order_and_announce_payments_are_heard_of() {
        let mut api = api(&[]);
        let busy = [
            Step::PollOrder,
            Step::PollDocument,
            Step::Order,
            Step::Announce,
        ];
        let mut let_in = [0_u32; 4];
        for now_ms in 0..20_000 {
            for (step, let_in) in busy.into_iter().zip(&mut let_in) {
                let asked = (0..3).filter(|_| api.take(step, now_ms).is_ok());
                *let_in += asked.count() as u32;
            }
            // What was saved up is gone within ten seconds.
            if now_ms >= 10_000 && now_ms % 5 == 0 {
                assert_eq!(api.take(Step::Notify, now_ms), Ok(()), "{now_ms}");
            }
        }
        let [order_looks, document_looks, orders, documents] = let_in;
        assert!(
            orders > 4_900 && documents > 14_000,
            "{order_looks} {document_looks} {orders} {documents}"
        );
    }

    #[test]
    fn all_routes_together_take_what_the_account_may() {
        let mut api = api(&["api_gateway_rate=50", "api_gateway_burst=50"]);
        assert_eq!(let_in(&mut api, Step::Order, 30), (30, None));
        assert_eq!(api.take_some(10.0, 0), 10.0);
        assert_eq!(let_in(&mut api, Step::Notify, 30), (10, Some(Limit::Api)));
    }
}
