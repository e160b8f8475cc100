//! What every gateway keeps, whichever its API: each behaviour is run over both adapters.

mod charges;
mod faults;
mod refunds;
mod webhooks;

use crate::common::{Clock, KEY, Line, MINUTE_MS, settings};
use bubuh_core::Rupiah;
use bubuh_gateway::{
    AnyGateway, Bank as At, ChargeRequest, Charged, Gateway, Method, notification::Proof,
};
use bubuh_sandbox::{Bank, BuyerError, FaultSpec, InProcess, Pay, State};
use std::sync::Arc;

pub(crate) const TOKEN: &str = "callback-token";

/// One adapter before a bank of its own.
pub(crate) struct Side {
    pub(crate) name: &'static str,
    pub(crate) clock: Clock,
    pub(crate) line: Arc<Line>,
    pub(crate) gateway: AnyGateway<Arc<Line>>,
    pub(crate) proof: Proof,
}

/// A fresh bank for each adapter.
pub(crate) fn sides() -> [Side; 2] {
    [midtrans(), xendit()]
}

pub(crate) fn midtrans() -> Side {
    side("midtrans", Proof::Midtrans(KEY.into()))
}

pub(crate) fn xendit() -> Side {
    side("xendit", Proof::Xendit(TOKEN.into()))
}

fn side(name: &'static str, proof: Proof) -> Side {
    let clock = Clock::start();
    let mut settings = settings();
    settings.callback_token = Some(TOKEN.into());
    let mut bank = Bank::new(settings);
    bank.set_notification_url("http://merchant.test/notifications")
        .unwrap();
    let ticking = clock.clone();
    let now: Box<dyn Fn() -> u64 + Send + Sync> = Box::new(move || ticking.now_ms());
    let line = Arc::new(InProcess::new(bank, now, 10_000));
    Side {
        name,
        clock,
        gateway: client(name, KEY, line.clone()),
        line,
        proof,
    }
}

pub(crate) fn client(name: &str, key: &str, line: Arc<Line>) -> AnyGateway<Arc<Line>> {
    AnyGateway::named(name, "http://sandbox.invalid", key.into(), line).unwrap()
}

impl Side {
    pub(crate) fn pay(&self, id: &str, pay: Pay) -> Result<State, BuyerError> {
        self.line
            .with(|bank, now_ms| bank.pay(now_ms, id, pay))
            .map(|tx| tx.state)
    }

    /// Charges an order and pays it.
    pub(crate) async fn paid(&self, order_id: &str) -> Charged {
        let charged = self.gateway.charge(&self.qris(order_id)).await.unwrap();
        self.pay(order_id, Pay::default()).unwrap();
        charged
    }

    pub(crate) fn fault(&self, spec: FaultSpec) {
        self.line.with(|bank, _| bank.set_fault(spec)).unwrap();
    }

    pub(crate) fn refunded(&self) -> u64 {
        self.line.with(|bank, _| bank.books().refunded)
    }

    /// Until whatever is under way has ended.
    pub(crate) fn wait(&self) {
        self.clock.pass(2 * MINUTE_MS);
        self.line.with(|_, _| ());
    }

    /// The same for every call at one time.
    pub(crate) fn qris(&self, order_id: &str) -> ChargeRequest {
        ChargeRequest {
            order_id: order_id.to_owned(),
            gross_amount: Rupiah::new(100_000),
            method: Method::Qris,
            expiry_minutes: 15,
            expires_at_ms: self.clock.now_ms() + 15 * MINUTE_MS,
            item_name: Some("10 e-Meterai".to_owned()),
        }
    }

    pub(crate) fn account(&self, order_id: &str) -> ChargeRequest {
        ChargeRequest {
            method: Method::BankTransfer { bank: At::Bca },
            ..self.qris(order_id)
        }
    }
}
