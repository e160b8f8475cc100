//! No account takes more than its share of a worker's time, so that one that asks without end keeps nobody else waiting.
//!
//! A worker counts for itself alone, and what it counted is lost with it: nothing rests on it. How much an account can
//! ask for in all grows with the workers, and those with what everybody asks for.

use crate::{Caller, Problem};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use bubuh_core::id::AccountId;
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::NoOpMiddleware,
    state::keyed::DefaultKeyedStateStore,
};
use std::{num::NonZeroU32, sync::Arc};

/// For how many seconds' share an account may ask at once.
const BURST_S: u32 = 3;
/// Accounts that are remembered; above it, those that have asked for nothing lately are forgotten.
const REMEMBERED: usize = 10_000;

type Asked<C> = RateLimiter<
    AccountId,
    DefaultKeyedStateStore<AccountId>,
    C,
    NoOpMiddleware<<C as Clock>::Instant>,
>;

/// What accounts have asked of this worker.
#[derive(Debug)]
pub struct Share<C: Clock = DefaultClock> {
    asked: Asked<C>,
}

impl Share {
    /// So many requests a second of each account.
    #[must_use]
    pub fn new(per_second: NonZeroU32) -> Self {
        Self::timed(per_second, DefaultClock::default())
    }
}

impl<C: Clock> Share<C> {
    fn timed(per_second: NonZeroU32, clock: C) -> Self {
        let burst = NonZeroU32::new(BURST_S).map_or(per_second, |s| per_second.saturating_mul(s));
        let quota = Quota::per_second(per_second).allow_burst(burst);
        Self {
            asked: RateLimiter::new(quota, DefaultKeyedStateStore::default(), clock),
        }
    }

    /// In how many seconds a further request of this account fits; none: it fits now.
    fn full_for_s(&self, account: &AccountId) -> Option<u32> {
        if self.asked.len() > REMEMBERED {
            self.asked.retain_recent();
        }
        let refused = self.asked.check_key(account).err()?;
        let wait = refused.wait_time_from(self.asked.clock().now());
        let whole = wait
            .as_secs()
            .saturating_add(u64::from(wait.subsec_nanos() > 0));
        Some(u32::try_from(whole).unwrap_or(u32::MAX).max(1))
    }
}

/// Lets a request through, unless its account has had its share. Whoever is no account, such as the gateway, is not
/// counted.
pub(crate) async fn keep<C: Clock>(
    State(share): State<Arc<Share<C>>>,
    request: Request,
    next: Next,
) -> Response {
    let caller = request.extensions().get::<Caller>();
    match caller.and_then(|Caller(account)| share.full_for_s(account)) {
        None => next.run(request).await,
        Some(seconds) => Problem::too_many(seconds).into_response(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use axum::{Router, body::Body, middleware, routing::get};
    use governor::clock::FakeRelativeClock;
    use http::StatusCode;
    use std::time::Duration;
    use tower::ServiceExt as _;

    async fn ask(router: &Router, account: Option<&str>) -> Response {
        let mut request = Request::get("/").body(Body::empty()).unwrap();
        if let Some(account) = account {
            let caller = Caller(AccountId::new(account.to_owned()).unwrap());
            request.extensions_mut().insert(caller);
        }
        router.clone().oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn who_asks_without_end_is_told_when_to_come_back_and_nobody_else_notices() {
        let clock = FakeRelativeClock::default();
        let share = Share::timed(NonZeroU32::new(4).unwrap(), clock.clone());
        let router =
            Router::new()
                .route("/", get(|| async {}))
                .layer(middleware::from_fn_with_state(
                    Arc::new(share),
                    keep::<FakeRelativeClock>,
                ));
        for _ in 0..12 {
            assert_eq!(ask(&router, Some("office")).await.status(), StatusCode::OK);
        }
        let refused = ask(&router, Some("office")).await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.headers()["retry-after"], "1");
        assert_eq!(ask(&router, Some("ani")).await.status(), StatusCode::OK);
        for _ in 0..50 {
            let gateway = ask(&router, None).await;
            assert_eq!(
                gateway.status(),
                StatusCode::OK,
                "the gateway is not counted"
            );
        }
        clock.advance(Duration::from_secs(1));
        let after: Vec<u16> = {
            let mut seen = Vec::new();
            for _ in 0..5 {
                seen.push(ask(&router, Some("office")).await.status().as_u16());
            }
            seen
        };
        assert_eq!(after, [200, 200, 200, 200, 429]);
    }

    #[test]
    fn accounts_that_ask_for_nothing_any_more_are_forgotten() {
        let clock = FakeRelativeClock::default();
        let share = Share::timed(NonZeroU32::new(4).unwrap(), clock.clone());
        for n in 0..=REMEMBERED {
            let account = AccountId::new(format!("account-{n}")).unwrap();
            assert_eq!(share.full_for_s(&account), None);
        }
        clock.advance(Duration::from_secs(60));
        let late = AccountId::new("late".to_owned()).unwrap();
        assert_eq!(share.full_for_s(&late), None);
        assert_eq!(share.asked.len(), 1);
    }
}
