//! What a confirmed gateway status does to an order. The only way an order is credited.

use super::{Order, OrderState};
use crate::{
    capacity::order_enters,
    dispute,
    error::Error,
    event::Event,
    id::TransactionId,
    ledger::Entry,
    lot::Lot,
    money::Rupiah,
    payment::{Method, Payment, PaymentState, PaymentStep},
    refund::{Refund, RefundReason},
    settlement::Payout,
    write::{Expect, Put, Write},
};

/// What the gateway's status call says, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObservedState {
    /// Not paid yet.
    Pending,
    /// The money is captured.
    Captured,
    /// The time to pay has passed.
    Expired,
    /// Cancelled at the gateway.
    Cancelled,
    /// Refused by the gateway or the payer's bank.
    Denied,
    /// The payer's bank disputes it.
    Disputed,
}

impl ObservedState {
    /// Whether the money came in, whatever became of it since.
    #[must_use]
    pub const fn has_money(self) -> bool {
        matches!(self, Self::Captured | Self::Disputed)
    }
}

/// One transaction as the gateway's status call describes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Observed {
    /// Which transaction.
    pub transaction: TransactionId,
    /// Where it is.
    pub state: ObservedState,
    /// Its gross amount.
    pub amount: Rupiah,
    /// How it was paid.
    pub method: Method,
}

/// What must be written when the gateway is seen to say this. No writes: nothing is new.
///
/// `payment` is the row of the observed transaction, if there is one, and `lots` those of the order.
/// Duplicates and statuses that arrive out of order write nothing: a capture is booked once, by the payment row that must be
/// absent, and an order never goes back from `Credited`.
///
/// # Errors
/// [`Error::Invalid`] when `payment` is another transaction's; [`Error::Overflow`].
pub fn observe(
    order: &Order,
    payment: Option<&Payment>,
    lots: &[Lot],
    seen: &Observed,
    now_ms: u64,
) -> Result<Vec<Write>, Error> {
    if let Some(payment) = payment {
        payment.must_be(&seen.transaction, order.id)?;
    }
    match seen.state {
        ObservedState::Pending => Ok(Vec::new()),
        ObservedState::Captured => match payment {
            Some(_) => Ok(Vec::new()),
            None => capture(order, seen, now_ms),
        },
        ObservedState::Disputed => match payment {
            None => capture(order, seen, now_ms),
            Some(payment) => dispute::open(payment, lots, now_ms),
        },
        ObservedState::Expired => close(order, payment, OrderState::Expired, now_ms),
        ObservedState::Cancelled => close(order, payment, OrderState::Cancelled, now_ms),
        ObservedState::Denied => close(order, payment, OrderState::Failed, now_ms),
    }
}

/// Money came in: it buys the order's stamps, or it goes back in full.
fn capture(order: &Order, seen: &Observed, now_ms: u64) -> Result<Vec<Write>, Error> {
    let reason = match order.state {
        OrderState::Credited => Some(RefundReason::SecondPayment),
        OrderState::Cancelled => Some(RefundReason::OrderCancelled),
        _ if seen.amount != order.total => Some(RefundReason::WrongAmount),
        OrderState::AwaitingPayment | OrderState::Expired | OrderState::Failed => None,
    };
    let disputed = seen.state == ObservedState::Disputed;
    let state = if disputed {
        PaymentState::Disputed
    } else {
        PaymentState::Captured
    };
    let mut payment = Payment {
        transaction: seen.transaction.clone(),
        order: order.id,
        account: order.account.clone(),
        version: 1,
        state,
        method: seen.method,
        amount: seen.amount,
        refundable: seen.amount,
        refunded: Rupiah::ZERO,
        refund_in_flight: false,
        credited: reason.is_none(),
        captured_at_ms: now_ms,
        payout: Payout::default(),
        history: vec![PaymentStep {
            state,
            at_ms: now_ms,
        }],
    };
    // The order's version is part of both decisions, so two captures can't both be the first.
    let (next, mut writes) = match reason {
        None => {
            let lots = Lot::split(
                order.id,
                &order.account,
                &seen.transaction,
                order.unit_price,
                order.quantity,
                now_ms,
            )?;
            let marked = lots.into_iter().map(|lot| Lot { disputed, ..lot });
            let mut writes: Vec<Write> = marked.map(Write::Lot).collect();
            writes.push(Write::Ledger(Entry::credited(
                order.id,
                &seen.transaction,
                seen.amount,
                now_ms,
            )));
            writes.extend((order.told).then(|| Event::credited(&order.account, order.id, now_ms)));
            (order.entering(OrderState::Credited, now_ms)?, writes)
        }
        Some(reason) => {
            payment.refundable = Rupiah::ZERO;
            payment.refund_in_flight = true;
            let entry = Entry::captured_to_refund(order.id, &seen.transaction, seen.amount, now_ms);
            let mut writes = vec![Write::Ledger(entry)];
            writes.extend(Refund::start(&payment, reason, now_ms));
            // Whoever paid a wrong amount gets it back and must order anew: nothing is awaited here.
            let next = match order.state {
                OrderState::AwaitingPayment => order.entering(OrderState::Failed, now_ms)?,
                _ => order.next()?,
            };
            (next, writes)
        }
    };
    if disputed {
        writes.extend(dispute::opened(&payment, now_ms)?);
    }
    writes.extend(order_enters(order, next.state));
    writes.push(order.replace(next));
    writes.push(Write::Payment(Put {
        expect: Expect::Absent,
        row: payment,
    }));
    Ok(writes)
}

/// The gateway says that no money will come; only an order that still waits for it cares.
fn close(
    order: &Order,
    payment: Option<&Payment>,
    to: OrderState,
    now_ms: u64,
) -> Result<Vec<Write>, Error> {
    if order.state != OrderState::AwaitingPayment || payment.is_some() {
        return Ok(Vec::new());
    }
    order.enter(to, now_ms)
}
