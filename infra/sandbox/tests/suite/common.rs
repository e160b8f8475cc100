//! A bank in process, a clock that only moves when told, and the real client.

use bubuh_core::Rupiah;
use bubuh_gateway::{ChargeRequest, Method, Midtrans, RefundRequest};
use bubuh_sandbox::{Bank, InProcess, Settings};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

pub(crate) const KEY: &str = "sandbox-key";
pub(crate) const MINUTE_MS: u64 = 60_000;
pub(crate) const DAY_MS: u64 = 24 * 60 * MINUTE_MS;
/// 2026-01-01T00:00:00Z.
pub(crate) const START_MS: u64 = 1_767_225_600_000;

#[derive(Debug, Clone)]
pub(crate) struct Clock(Arc<AtomicU64>);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Arc::new(AtomicU64::new(START_MS)))
    }
    pub(crate) fn now_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
    pub(crate) fn pass(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

pub(crate) fn settings() -> Settings {
    Settings::new(KEY.into())
}

pub(crate) type Line = InProcess<Box<dyn Fn() -> u64 + Send + Sync>>;

pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) line: Arc<Line>,
    pub(crate) gateway: Midtrans<Arc<Line>>,
}

/// A bank that tells notifications to an address, and a client with 10 s of patience.
pub(crate) fn world() -> World {
    let clock = Clock::start();
    let mut bank = Bank::new(settings());
    bank.set_notification_url("http://merchant.test/notifications")
        .unwrap();
    let ticking = clock.clone();
    let now: Box<dyn Fn() -> u64 + Send + Sync> = Box::new(move || ticking.now_ms());
    let line = Arc::new(InProcess::new(bank, now, 10_000));
    let gateway = Midtrans::new("http://sandbox.invalid", KEY.into(), line.clone());
    World {
        clock,
        line,
        gateway,
    }
}

pub(crate) fn qris(order_id: &str) -> ChargeRequest {
    ChargeRequest {
        order_id: order_id.to_owned(),
        gross_amount: Rupiah::new(100_000),
        method: Method::Qris,
        expiry_minutes: 15,
        expires_at_ms: START_MS + 15 * MINUTE_MS,
        item_name: Some("10 e-Meterai".to_owned()),
    }
}

pub(crate) fn refund(key: &str, rupiah: u64) -> RefundRequest {
    RefundRequest {
        refund_key: key.to_owned(),
        amount: Rupiah::new(rupiah),
        reason: "unused".to_owned(),
    }
}
