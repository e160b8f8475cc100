//! Faults on demand.

use super::{Bank, LARGEST_RUPIAH};
use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The call answers with `code` (500 unless told) and changes nothing.
    ErrorBeforeApplying,
    /// The call is applied, then the connection breaks without a reply, `delay_ms` later.
    ReplyLost,
    /// The call, or a notification, takes `delay_ms` longer.
    Delay,
    /// A notification is never sent.
    NotificationLost,
    /// A notification is sent twice, whatever the first one's answer.
    NotificationDuplicate,
    /// A notification is held back until the next one of its order is due, and sent after it.
    NotificationOutOfOrder,
    /// A payment first shows as expired, and `delay_ms` later as settled.
    LateSettlement,
    /// A payment brings `amount` instead of what was asked.
    WrongAmount,
    /// The status says `word` instead; unless told, one that no documentation has.
    OddStatus,
    /// The status's fraud check says `word`.
    OddFraud,
    /// The status writes the amount as `word`.
    OddAmount,
    /// The call is applied, and the reply is a page of text, under HTTP `code` (200 unless told).
    GarbledReply,
    /// A refund that is otherwise made at once is taken, and made `delay_ms` later.
    RefundPending,
    /// A refund that is taken as pending fails in the end.
    RefundFails,
}

/// Which call a fault waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `POST /v2/charge`, `POST /payment_requests`.
    Charge,
    /// `GET /v2/{id}/status`, and every `GET` of Xendit's.
    Status,
    /// `POST /v2/{id}/cancel`.
    Cancel,
    /// `POST /v2/{id}/expire`, `POST /v2/payment_methods/{id}/expire`.
    Expire,
    /// `POST /v2/{id}/refund`, `POST /refunds`.
    Refund,
    /// The buyer pays.
    Pay,
    /// A notification is made.
    Notification,
}

/// A fault to set: the next `count` matching calls meet it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultSpec {
    /// What goes wrong.
    pub kind: FaultKind,
    /// At which call; any the kind fits, if absent.
    #[serde(default)]
    pub call: Option<Call>,
    /// For which order; any, if absent.
    #[serde(default)]
    pub order_id: Option<String>,
    /// How often; once, if absent.
    #[serde(default = "once")]
    pub count: u32,
    /// For the kinds that wait, in milliseconds.
    #[serde(default)]
    pub delay_ms: u64,
    /// For [`FaultKind::ErrorBeforeApplying`]: 400 to 599; for [`FaultKind::GarbledReply`] 200 to 599.
    #[serde(default)]
    pub code: Option<u16>,
    /// For [`FaultKind::WrongAmount`], in rupiah.
    #[serde(default)]
    pub amount: Option<u64>,
    /// For the odd kinds: what is said.
    #[serde(default)]
    pub word: Option<String>,
}

fn once() -> u32 {
    1
}

impl FaultSpec {
    /// One such fault, at any call it fits.
    #[must_use]
    pub fn once(kind: FaultKind) -> Self {
        Self {
            kind,
            call: None,
            order_id: None,
            count: once(),
            delay_ms: 0,
            code: None,
            amount: None,
            word: None,
        }
    }

    /// The same at one call only.
    #[must_use]
    pub fn at(mut self, call: Call) -> Self {
        self.call = Some(call);
        self
    }

    /// Whether it waits for this call.
    fn meets(&self, call: Call, order_id: &str) -> bool {
        self.call.is_none_or(|wanted| wanted == call)
            && self.order_id.as_deref().is_none_or(|id| id == order_id)
    }

    /// Why it could never fire as asked, if so.
    fn flaw(&self) -> Option<&'static str> {
        use FaultKind as K;
        let fits = match (self.kind, self.call) {
            (_, None) => true,
            (K::ErrorBeforeApplying | K::ReplyLost | K::GarbledReply, Some(call)) => call.is_api(),
            (K::Delay, Some(call)) => call.is_api() || call == Call::Notification,
            (K::LateSettlement | K::WrongAmount, Some(call)) => call == Call::Pay,
            (K::OddStatus | K::OddFraud | K::OddAmount, Some(call)) => call == Call::Status,
            (K::RefundFails | K::RefundPending, Some(call)) => call == Call::Refund,
            (_, Some(call)) => call == Call::Notification,
        };
        if !fits {
            return Some("this kind does not fit this call");
        }
        if self.count == 0 {
            return Some("count must be at least 1");
        }
        let least = match self.kind {
            K::GarbledReply => 200,
            _ => 400,
        };
        if !self.code.is_none_or(|code| (least..600).contains(&code)) {
            return Some("code must be 400 to 599, or from 200 for a garbled reply");
        }
        match self.kind {
            K::WrongAmount
                if !self
                    .amount
                    .is_some_and(|amount| (1..=LARGEST_RUPIAH).contains(&amount)) =>
            {
                Some("amount must be 1 to 10^12")
            }
            K::OddFraud | K::OddAmount if self.word.is_none() => Some("word must be given"),
            K::Delay | K::RefundPending if self.delay_ms == 0 => {
                Some("delay_ms must be above zero")
            }
            _ => None,
        }
    }
}

impl Call {
    fn is_api(self) -> bool {
        !matches!(self, Self::Pay | Self::Notification)
    }
}

/// A fault that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fired {
    /// The fault's number.
    pub fault: u64,
    /// What went wrong.
    pub kind: FaultKind,
    /// At which call.
    pub call: Call,
    /// For which order.
    pub order_id: String,
    /// When, in milliseconds since the epoch.
    pub at_ms: u64,
}

impl Bank {
    /// Sets a fault and gives its number.
    ///
    /// # Errors
    /// Why it could never fire as asked.
    pub fn set_fault(&mut self, spec: FaultSpec) -> Result<u64, &'static str> {
        if let Some(flaw) = spec.flaw() {
            return Err(flaw);
        }
        let id = self.number();
        let count = spec.count;
        self.state.faults.set(id, spec, count);
        Ok(id)
    }

    /// Takes all faults back; what fired stays on record.
    pub fn clear_faults(&mut self) {
        self.state.faults.clear();
        self.changed();
    }

    /// What fired so far, oldest first.
    #[must_use]
    pub fn fired(&self) -> &[Fired] {
        &self.state.faults.fired
    }

    /// The oldest fault of this kind that waits for this call, used up by one.
    pub(super) fn fire(
        &mut self,
        kind: FaultKind,
        call: Call,
        order_id: &str,
        now_ms: u64,
    ) -> Option<FaultSpec> {
        let (fault, spec) = self
            .state
            .faults
            .take(|spec| spec.kind == kind && spec.meets(call, order_id))?;
        self.state.faults.fired.push(Fired {
            fault,
            kind,
            call,
            order_id: order_id.to_owned(),
            at_ms: now_ms,
        });
        self.changed();
        Some(spec)
    }
}
