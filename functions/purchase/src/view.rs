//! Orders as their buyer sees them: every change with its time, and what happens next.

mod payment;
mod refund;

pub(crate) use payment::PaymentView;
pub(crate) use refund::RefundView;

use bubuh_core::{
    id::OrderId,
    money::{Rupiah, Stamps},
    order::{Instructions, Order, OrderState},
    payment::{Method, Payment, PaymentState},
    refund::{Refund, RefundReason},
};
use bubuh_edge::time::Time;
use schemars::JsonSchema;
use serde::Serialize;

/// A text in Indonesian and in English.
type Both = (&'static str, &'static str);

/// An order.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Order")]
pub(crate) struct OrderView {
    id: OrderId,
    state: OrderState,
    /// What happens next, in Indonesian.
    next_id: &'static str,
    /// The same in English.
    next_en: &'static str,
    quantity: Stamps,
    unit_price: Rupiah,
    total: Rupiah,
    method: Method,
    created_at: Time,
    updated_at: Time,
    expires_at: Time,
    /// How to pay, while it is not paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<Instructions>,
    history: Vec<StepView<OrderState>>,
}

/// A state that was entered, and when.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct StepView<S> {
    state: S,
    at: Time,
}

impl<S> StepView<S> {
    fn new(state: S, at_ms: u64) -> Self {
        Self {
            state,
            at: Time::of(at_ms),
        }
    }
}

/// An order with the money that came in for it and what went back.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WholeOrder")]
pub(crate) struct Whole {
    #[serde(flatten)]
    order: OrderView,
    payments: Vec<PaymentView>,
    refunds: Vec<RefundView>,
}

impl Whole {
    /// Money in the order it moved.
    pub(crate) fn new(order: &Order, mut payments: Vec<Payment>, mut refunds: Vec<Refund>) -> Self {
        payments.sort_by_key(|payment| payment.captured_at_ms);
        refunds.sort_by_key(|refund| refund.created_at_ms);
        let mut view = OrderView::from(order);
        if let Some((next_id, next_en)) = next_of_money(order.state, &payments, &refunds) {
            (view.next_id, view.next_en) = (next_id, next_en);
        }
        let of_refunds = refunds.iter().filter_map(|r| r.history.last());
        let of_payments = payments.iter().filter_map(|p| p.history.last());
        let changes = of_refunds
            .map(|step| step.at_ms)
            .chain(of_payments.map(|step| step.at_ms));
        view.updated_at = Time::of(changes.fold(updated_ms(order), u64::max));
        Self {
            order: view,
            payments: payments.iter().map(PaymentView::from).collect(),
            refunds: refunds.iter().map(RefundView::from).collect(),
        }
    }
}

/// What the money's way says beyond the order's state; none: nothing.
fn next_of_money(state: OrderState, payments: &[Payment], refunds: &[Refund]) -> Option<Both> {
    let mut paid = payments.iter();
    if paid.any(|p| p.state == PaymentState::Disputed) {
        return Some((
            "Bank pembayar menyengketakan pembayaran. Meterai yang belum dipakai ditahan sampai sengketa selesai; lihat pembayaran di bawah.",
            "The payer's bank disputes the payment. Unused stamps are held until the dispute ends; see the payments below.",
        ));
    }
    if refunds.iter().any(Refund::is_open) {
        return Some((
            "Pengembalian uang sedang berjalan; keadaannya ada pada pengembalian di bawah.",
            "A refund is under way; the refunds below say where it is.",
        ));
    }
    let mut bought = payments.iter().filter(|p| p.credited);
    if bought.any(|p| p.state == PaymentState::ChargedBack) {
        return Some((
            "Bank pembayar menarik kembali uangnya. Meterai yang belum dipakai tidak berlaku lagi.",
            "The payer's bank took the money back. Unused stamps can't be used any more.",
        ));
    }
    let made = |reason| refunds.iter().any(|r| r.reason == reason);
    if state == OrderState::Failed && made(RefundReason::WrongAmount) {
        return Some((
            "Jumlah yang dibayar tidak sama dengan harga pesanan; uangnya sudah dikembalikan utuh. Buat pesanan baru.",
            "The amount paid is not what the order costs; it has gone back in full. Place a new order.",
        ));
    }
    let cancelled = state == OrderState::Cancelled && made(RefundReason::OrderCancelled);
    cancelled.then_some((
        "Dibatalkan. Pembayaran yang masuk sesudahnya sudah dikembalikan utuh.",
        "Cancelled. The payment that came after it has gone back in full.",
    ))
}

const fn next(state: OrderState, charged: bool) -> Both {
    match state {
        OrderState::AwaitingPayment if charged => (
            "Bayar dengan kode atau nomor di bawah; meterai tersedia segera setelah pembayaran kami terima.",
            "Pay with the code or number below; the stamps are yours as soon as the payment reaches us.",
        ),
        OrderState::AwaitingPayment => (
            "Petunjuk pembayaran sedang disiapkan; buka pesanan ini lagi sebentar lagi.",
            "The payment instructions are being made; open this order again in a moment.",
        ),
        OrderState::Credited => (
            "Lunas. Meterai dapat dipakai, atau dikembalikan utuh selama belum dipakai.",
            "Paid. The stamps can be used, or given back in full while unused.",
        ),
        OrderState::Expired => (
            "Waktu bayar habis. Pembayaran yang tetap masuk akan menjadi meterai.",
            "The time to pay has passed. A payment that still arrives becomes stamps.",
        ),
        OrderState::Cancelled => (
            "Dibatalkan. Pembayaran yang tetap masuk dikembalikan utuh dengan sendirinya.",
            "Cancelled. A payment that still arrives is refunded in full by itself.",
        ),
        OrderState::Failed => (
            "Pembayaran ditolak. Buat pesanan baru; pembayaran yang tetap masuk akan menjadi meterai.",
            "The payment was refused. Place a new order; a payment that still arrives becomes stamps.",
        ),
    }
}

fn updated_ms(order: &Order) -> u64 {
    let last = order.history.last();
    last.map_or(order.created_at_ms, |step| step.at_ms)
}

impl From<&Order> for OrderView {
    fn from(order: &Order) -> Self {
        let (next_id, next_en) = next(order.state, order.instructions.is_some());
        let to_pay = order.state == OrderState::AwaitingPayment;
        let history = order.history.iter();
        Self {
            id: order.id,
            state: order.state,
            next_id,
            next_en,
            quantity: order.quantity,
            unit_price: order.unit_price,
            total: order.total,
            method: order.method,
            created_at: Time::of(order.created_at_ms),
            updated_at: Time::of(updated_ms(order)),
            expires_at: Time::of(order.expires_at_ms),
            instructions: order.instructions.clone().filter(|_| to_pay),
            history: history.map(|s| StepView::new(s.state, s.at_ms)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Every state, each from the one before: a new state does not compile until it has its place here.
    const fn after(state: OrderState) -> Option<OrderState> {
        Some(match state {
            OrderState::AwaitingPayment => OrderState::Credited,
            OrderState::Credited => OrderState::Expired,
            OrderState::Expired => OrderState::Cancelled,
            OrderState::Cancelled => OrderState::Failed,
            OrderState::Failed => return None,
        })
    }

    /// Two sentences that a person can read, not one text twice.
    pub(super) fn says_something((id, en): (&str, &str)) {
        for text in [id, en] {
            assert!(text.len() > 10 && text.ends_with('.'), "{text:?}");
        }
        assert_ne!(id, en);
    }

    #[test]
    fn every_state_of_an_order_has_a_sentence_of_its_own_in_both_languages() {
        let mut heard = BTreeSet::new();
        let mut state = Some(OrderState::AwaitingPayment);
        while let Some(now) = state {
            says_something(next(now, true));
            assert!(heard.insert(next(now, true)), "{now:?} sounds like another");
            state = after(now);
        }
        let unpriced = next(OrderState::AwaitingPayment, false);
        says_something(unpriced);
        assert!(heard.insert(unpriced));
        assert_eq!(heard.len(), 6);
    }
}
