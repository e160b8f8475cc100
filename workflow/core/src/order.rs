//! An order and what the gateway may say about it.

mod observe;

pub use observe::{Observed, ObservedState, observe};

use crate::{
    capacity::order_enters,
    error::Error,
    id::{AccountId, OrderId, Sha256, TransactionId},
    money::{Rupiah, Stamps},
    patience::next_look_ms,
    payment::Method,
    write::{Expect, Put, Write},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Stamps in one order at most: ten lots, so that crediting stays one transaction.
pub const ORDER_MAX: Stamps = Stamps::new(10_000);

/// How long a buyer has to pay, in milliseconds.
pub const PAY_WITHIN_MS: u64 = 60 * 60 * 1000;

/// How long after the deadline the gateway is asked before an order is called expired, in
/// milliseconds: QRIS can stay pending past its deadline.
pub const ASK_AFTER_MS: u64 = 60 * 1000;

/// How long a closed order is still asked about at the gateway, in milliseconds: eight days, longer
/// than QRIS and virtual accounts settle late, and than the gateway repeats its notifications.
pub const LOOK_AT_CLOSED_MS: u64 = 8 * 24 * 60 * 60 * 1000;
/// Between two looks at an order, in milliseconds.
const LOOK_SOONEST_MS: u64 = 10 * 60 * 1000;
const LOOK_LATEST_MS: u64 = 6 * 60 * 60 * 1000;
const LOOK_AT_CLOSED_LATEST_MS: u64 = 24 * 60 * 60 * 1000;

/// Where an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Written; the buyer may pay.
    AwaitingPayment,
    /// Paid; its stamps exist.
    Credited,
    /// Not paid in time. A capture that arrives late still credits.
    Expired,
    /// Cancelled by the buyer. A capture that arrives late is refunded.
    Cancelled,
    /// The payment was denied. A capture that arrives late still credits.
    Failed,
}

impl OrderState {
    /// The state's name in rows and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AwaitingPayment => "awaiting_payment",
            Self::Credited => "credited",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// How the buyer can pay: what the gateway answered to the charge.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Instructions {
    /// The gateway's transaction.
    pub transaction: TransactionId,
    /// The QRIS text to show as a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qr_text: Option<String>,
    /// Where the gateway serves the code as a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qr_url: Option<String>,
    /// The virtual account's bank and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub virtual_account: Option<VirtualAccount>,
}

/// A virtual account to transfer to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct VirtualAccount {
    /// The bank's short name.
    pub bank: String,
    /// The number.
    pub number: String,
}

/// A change of state and its time, for the buyer's history.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Step {
    /// The state that was entered.
    pub state: OrderState,
    /// When, in milliseconds since the epoch.
    pub at_ms: u64,
}

/// An order; once credited it is one or more lots.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Order {
    /// Its name, at the gateway too.
    pub id: OrderId,
    /// Whose it is.
    pub account: AccountId,
    /// Grows by one with each change.
    pub version: u64,
    /// Where it is.
    pub state: OrderState,
    /// How many stamps.
    pub quantity: Stamps,
    /// What one costs.
    pub unit_price: Rupiah,
    /// What must be paid.
    pub total: Rupiah,
    /// How.
    pub method: Method,
    /// The hash of the request that made it: the same key with another body is refused.
    pub request_hash: Sha256,
    /// When it was made, in milliseconds since the epoch.
    pub created_at_ms: u64,
    /// Until when it can be paid.
    pub expires_at_ms: u64,
    /// What the gateway answered to the charge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<Instructions>,
    /// When `sweep` must look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at_ms: Option<u64>,
    /// Every state it was in.
    pub history: Vec<Step>,
    /// Whether its stamps are to be told to a webhook, as its account wanted when its payment was seen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told: bool,
}

/// What a buyer asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The order's name.
    pub id: OrderId,
    /// Whose it is.
    pub account: AccountId,
    /// How many stamps.
    pub quantity: Stamps,
    /// How to pay.
    pub method: Method,
    /// The hash of the request.
    pub request_hash: Sha256,
    /// What one stamp costs.
    pub unit_price: Rupiah,
}

impl Order {
    /// A new order. It is written before the gateway is called.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a quantity outside 1 to 10,000.
    pub fn place(wanted: Wanted, now_ms: u64) -> Result<(Self, Vec<Write>), Error> {
        if wanted.quantity == Stamps::ZERO || wanted.quantity > ORDER_MAX {
            return Err(Error::Invalid {
                field: "quantity",
                reason: format!("must be 1 to {ORDER_MAX}"),
            });
        }
        let expires_at_ms = now_ms.checked_add(PAY_WITHIN_MS).ok_or(Error::Overflow)?;
        let order = Self {
            id: wanted.id,
            account: wanted.account,
            version: 1,
            state: OrderState::AwaitingPayment,
            total: wanted.unit_price.times(wanted.quantity)?,
            quantity: wanted.quantity,
            unit_price: wanted.unit_price,
            method: wanted.method,
            request_hash: wanted.request_hash,
            created_at_ms: now_ms,
            expires_at_ms,
            instructions: None,
            due_at_ms: Some(expires_at_ms.saturating_add(ASK_AFTER_MS)),
            history: vec![Step {
                state: OrderState::AwaitingPayment,
                at_ms: now_ms,
            }],
            told: false,
        };
        let write = Write::Order(Put {
            expect: Expect::Absent,
            row: order.clone(),
        });
        Ok((order, vec![write]))
    }

    /// Keeps what the gateway answered to the charge.
    ///
    /// # Errors
    /// [`Error::IllegalTransition`] once the order is past payment.
    pub fn charged(&self, instructions: Instructions) -> Result<Vec<Write>, Error> {
        if self.state != OrderState::AwaitingPayment {
            return Err(self.illegal("charged"));
        }
        if self.instructions.as_ref() == Some(&instructions) {
            return Ok(Vec::new());
        }
        let mut next = self.next()?;
        next.instructions = Some(instructions);
        Ok(vec![self.replace(next)])
    }

    /// The buyer's cancel; the gateway has confirmed that nothing was captured. An expired order can be
    /// cancelled too: whoever does so wants late money back instead of stamps, and a gateway that knows no
    /// cancelling says of a cancelled charge that it expired.
    ///
    /// # Errors
    /// [`Error::IllegalTransition`] unless payment is awaited, its time is over, or it is cancelled already.
    pub fn cancel(&self, now_ms: u64) -> Result<Vec<Write>, Error> {
        match self.state {
            OrderState::Cancelled => Ok(Vec::new()),
            OrderState::AwaitingPayment | OrderState::Expired => {
                self.enter(OrderState::Cancelled, now_ms)
            }
            _ => Err(self.illegal("cancel")),
        }
    }

    /// The time to pay has passed and the gateway never heard of the order.
    ///
    /// # Errors
    /// [`Error::IllegalTransition`] before that time, or unless payment is awaited.
    pub fn expire_uncharged(&self, now_ms: u64) -> Result<Vec<Write>, Error> {
        if self.state != OrderState::AwaitingPayment || now_ms < self.expires_at_ms {
            return Err(self.illegal("expire"));
        }
        self.enter(OrderState::Expired, now_ms)
    }

    /// The order was looked at and nothing came of it: the next look is put off, each time for
    /// longer. A closed order is looked at too, for [`LOOK_AT_CLOSED_MS`]: a saved code can be paid
    /// after its time, and the gateway's word of it can be lost.
    ///
    /// # Errors
    /// [`Error::IllegalTransition`] once it is credited.
    pub fn look_again(&self, now_ms: u64) -> Result<Vec<Write>, Error> {
        let mut next = self.next()?;
        next.due_at_ms = match self.state {
            OrderState::Credited => return Err(self.illegal("look again")),
            OrderState::AwaitingPayment => Some(next_look_ms(
                self.expires_at_ms,
                now_ms,
                LOOK_SOONEST_MS,
                LOOK_LATEST_MS,
            )),
            OrderState::Expired | OrderState::Cancelled | OrderState::Failed => {
                self.next_look_at_closed_ms(now_ms)
            }
        };
        Ok(vec![self.replace(next)])
    }

    fn next_look_at_closed_ms(&self, now_ms: u64) -> Option<u64> {
        let closed_at_ms = self.history.last().map_or(now_ms, |step| step.at_ms);
        if now_ms.saturating_sub(closed_at_ms) >= LOOK_AT_CLOSED_MS {
            return None;
        }
        Some(next_look_ms(
            closed_at_ms,
            now_ms,
            LOOK_SOONEST_MS,
            LOOK_AT_CLOSED_LATEST_MS,
        ))
    }

    fn next(&self) -> Result<Self, Error> {
        Ok(Self {
            version: self.version.checked_add(1).ok_or(Error::Overflow)?,
            ..self.clone()
        })
    }

    fn entering(&self, state: OrderState, now_ms: u64) -> Result<Self, Error> {
        let mut next = self.next()?;
        next.state = state;
        next.history.push(Step {
            state,
            at_ms: now_ms,
        });
        next.due_at_ms = match state {
            OrderState::Credited => None,
            _ => next.next_look_at_closed_ms(now_ms),
        };
        Ok(next)
    }

    /// The writes of a change of state that nothing else goes with.
    fn enter(&self, state: OrderState, now_ms: u64) -> Result<Vec<Write>, Error> {
        let mut writes = vec![self.replace(self.entering(state, now_ms)?)];
        writes.extend(order_enters(self, state));
        Ok(writes)
    }

    fn replace(&self, row: Self) -> Write {
        Write::Order(Put {
            expect: Expect::Version(self.version),
            row,
        })
    }

    fn illegal(&self, event: &'static str) -> Error {
        Error::IllegalTransition {
            state: self.state.name(),
            event,
        }
    }
}
