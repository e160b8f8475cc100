//! A refund: `Due → Sent → Refunded`, or into people's hands: `Stuck` (the gateway does not confirm)
//! and `Payout` (the gateway can't: the buyer's bank account is asked). From there it is tried again,
//! paid by hand, or called off. Its key is written before the gateway is called, and never changes,
//! so however often the call is made the gateway refunds once.

mod by_hand;
mod elsewhere;
mod pay_to;
mod step;

pub use by_hand::{keep_stamps, paid_by_hand, pay_to, retry};
pub use elsewhere::{Elsewhere, found_elsewhere};
pub use pay_to::PayTo;
pub use step::{Answer, Next, plan, settle};

use crate::{
    error::Error,
    id::{AccountId, CaseId, OrderId, RefundKey, TransactionId},
    ledger::Entry,
    lot::{Bucket, Lot, LotId, StampMove},
    money::{Rupiah, Stamps},
    payment::{Method, Payment, PaymentState},
    settlement::Kept,
    write::{Expect, Put, Write},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a refund is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RefundState {
    /// Written; the gateway has not been asked.
    Due,
    /// The gateway may have been asked.
    Sent,
    /// The gateway confirmed it.
    Refunded,
    /// The gateway does not confirm it: a case is open.
    Stuck,
    /// The gateway can't make it: it is paid by hand, and a case is open until then.
    Payout,
    /// Called off: its stamps are usable again.
    Reversed,
}

/// How a refund was made, when not under its own key at the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "way", content = "reference")]
pub enum Made {
    /// At the gateway, by somebody else, under this key.
    Elsewhere(String),
    /// By a bank transfer of ours with this reference.
    ByHand(String),
    /// The payer's bank took the money back itself.
    Chargeback,
}

/// Why money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundReason {
    /// Another payment had already credited the order.
    SecondPayment,
    /// The order had been cancelled.
    OrderCancelled,
    /// The amount is not what the order costs.
    WrongAmount,
    /// The buyer asked unused stamps back.
    BuyerAsked,
    /// Somebody else made it at the gateway, such as in its dashboard.
    MadeElsewhere,
}

/// Stamps of a lot that a buyer's refund holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Held {
    /// The lot.
    pub lot: LotId,
    /// How many of its stamps.
    pub count: Stamps,
}

/// A change of a refund's state and its time, for the buyer's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RefundStep {
    /// The state that was entered.
    pub state: RefundState,
    /// When, in milliseconds since the epoch.
    pub at_ms: u64,
}

/// A refund of one payment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Refund {
    /// Its key, at the gateway too.
    pub key: RefundKey,
    /// The order.
    pub order: OrderId,
    /// Whose it is.
    pub account: AccountId,
    /// The payment.
    pub transaction: TransactionId,
    /// How that was paid.
    pub method: Method,
    /// Grows by one with each change.
    pub version: u64,
    /// Where it is.
    pub state: RefundState,
    /// Why.
    pub reason: RefundReason,
    /// How much.
    pub amount: Rupiah,
    /// The stamps it takes; none for an automatic one.
    pub held: Vec<Held>,
    /// How often the gateway was asked.
    pub attempts: u32,
    /// When it was made, in milliseconds since the epoch.
    pub created_at_ms: u64,
    /// Since when the gateway is asked: later than that, if a person had it tried again.
    #[serde(default)]
    pub trying_since_ms: u64,
    /// How often a person had it tried again: each time is a workflow of its own.
    #[serde(default)]
    pub rounds: u32,
    /// The case that is or was open about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
    /// Where the buyer wants it paid, while that is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_to: Option<PayTo>,
    /// How it was made; none for the gateway under our key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Made>,
    /// How the gateway kept it back from a payout, once a settlement file said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Kept>,
    /// When the next step may run.
    pub next_at_ms: u64,
    /// When `sweep` must see to it that a workflow runs; none once it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at_ms: Option<u64>,
    /// Every state it was in; that of a row from before this was kept begins with its next change.
    #[serde(default)]
    pub history: Vec<RefundStep>,
    /// Whether its end is to be told to a webhook, as its account wanted when it came.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told: bool,
}

/// How long after `next_at_ms` sweep looks whether the workflow is alive, in milliseconds.
pub const WORKFLOW_GRACE_MS: u64 = 60_000;

impl Refund {
    /// The refund of a payment that could not be credited; keyed by the payment.
    #[must_use]
    pub fn automatic(payment: &Payment, reason: RefundReason, now_ms: u64) -> Self {
        let key = RefundKey::derive(&["automatic", payment.transaction.as_str()]);
        Self::new(key, payment, reason, payment.amount, Vec::new(), now_ms)
    }

    /// The writes that create the refund of a payment that could not be credited. A disputed payment's
    /// goes to a person: its payer's bank may be taking the money already.
    pub(crate) fn start(payment: &Payment, reason: RefundReason, now_ms: u64) -> Vec<Write> {
        let refund = Self::automatic(payment, reason, now_ms);
        let create = |row| {
            let expect = Expect::Absent;
            Write::Refund(Put { expect, row })
        };
        if payment.state != PaymentState::Disputed {
            return vec![create(refund)];
        }
        let (refund, case) = refund.given_up("the payment is disputed", now_ms);
        vec![create(refund), case.create()]
    }

    fn new(
        key: RefundKey,
        payment: &Payment,
        reason: RefundReason,
        amount: Rupiah,
        held: Vec<Held>,
        now_ms: u64,
    ) -> Self {
        Self {
            key,
            order: payment.order,
            account: payment.account.clone(),
            transaction: payment.transaction.clone(),
            method: payment.method,
            version: 1,
            state: RefundState::Due,
            reason,
            amount,
            held,
            attempts: 0,
            created_at_ms: now_ms,
            trying_since_ms: now_ms,
            rounds: 0,
            case: None,
            pay_to: None,
            made: None,
            kept: None,
            next_at_ms: now_ms,
            due_at_ms: Some(now_ms),
            history: vec![RefundStep {
                state: RefundState::Due,
                at_ms: now_ms,
            }],
            told: false,
        }
    }

    /// In this state from now on. To stay in a state is no step.
    pub(crate) fn enter(&mut self, state: RefundState, now_ms: u64) {
        if self.state != state {
            self.history.push(RefundStep {
                state,
                at_ms: now_ms,
            });
        }
        self.state = state;
    }

    /// Whether the gateway was asked and its word is awaited, by a workflow or by a person.
    #[must_use]
    pub fn was_sent(&self) -> bool {
        self.attempts > 0 && self.is_open()
    }

    /// Whether its money still has to go back.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self.state, RefundState::Refunded | RefundState::Reversed)
    }

    /// Whether the gateway gave the money back, so that it keeps it back from a payout.
    #[must_use]
    pub const fn is_at_gateway(&self) -> bool {
        matches!(self.state, RefundState::Refunded)
            && matches!(self.made, None | Some(Made::Elsewhere(_)))
    }

    /// Whether it ended in another way than by the gateway under its own key: if the gateway shows that
    /// key all the same, more went back than was meant to.
    #[must_use]
    pub fn ended_otherwise(&self) -> bool {
        self.state == RefundState::Reversed || self.made.is_some()
    }

    /// The stamps it takes.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn stamps(&self) -> Result<Stamps, Error> {
        Stamps::sum(self.held.iter().map(|held| held.count))
    }

    /// A buyer asks `count` unused stamps of a payment back: they are held before the gateway is called.
    ///
    /// # Errors
    /// [`Error::IllegalTransition`] while the payment can't be refunded; [`Error::Invalid`] when
    /// fewer stamps are unused.
    pub fn ask(
        key: RefundKey,
        payment: &Payment,
        lots: &[Lot],
        count: Stamps,
        now_ms: u64,
    ) -> Result<(Self, Vec<Write>), Error> {
        payment.may_be_refunded()?;
        let mut left = count;
        let mut amount = Rupiah::ZERO;
        let (mut held, mut writes) = (Vec::new(), Vec::new());
        for lot in lots.iter().filter(|l| l.transaction == payment.transaction) {
            let take = lot.usable().min(left);
            if take == Stamps::ZERO {
                continue;
            }
            left = left.minus(take)?;
            amount = amount.plus(lot.unit_price.times(take)?)?;
            held.push(Held {
                lot: lot.id,
                count: take,
            });
            writes.push(Write::Move(StampMove::new(
                lot.account.clone(),
                lot.id,
                Bucket::Available,
                Bucket::Refunding,
                take,
            )?));
        }
        if left > Stamps::ZERO || count == Stamps::ZERO {
            return Err(Error::Invalid {
                field: "quantity",
                reason: "must be 1 to the number of unused stamps of this order".to_owned(),
            });
        }
        if amount > payment.refundable {
            return Err(Error::Invalid {
                field: "quantity",
                reason: "is worth more than is left of the payment".to_owned(),
            });
        }
        let claimed = payment.claim_refund(amount)?;
        let refund = Self::new(key, payment, RefundReason::BuyerAsked, amount, held, now_ms);
        writes.push(Write::Ledger(Entry::refund_asked(
            payment.order,
            key,
            amount,
            now_ms,
        )));
        writes.push(payment.replace(claimed));
        writes.push(Write::Refund(Put {
            expect: Expect::Absent,
            row: refund.clone(),
        }));
        Ok((refund, writes))
    }
}
