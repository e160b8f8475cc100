//! Orders and refunds as their buyer sees them.

use bubuh_core::{
    money::{Rupiah, Stamps},
    order::{Instructions, Order, OrderState},
    payment::Method,
    refund::{Refund, RefundReason, RefundState},
};
use bubuh_edge::time::rfc3339;
use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct OrderView {
    id: String,
    state: OrderState,
    /// What happens next, in Indonesian and English.
    next_id: &'static str,
    next_en: &'static str,
    quantity: Stamps,
    unit_price: Rupiah,
    total: Rupiah,
    method: Method,
    created_at: String,
    expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<Instructions>,
    history: Vec<StepView>,
}

#[derive(Serialize)]
struct StepView {
    state: OrderState,
    at: String,
}

#[derive(Serialize)]
pub(crate) struct RefundView {
    key: String,
    state: &'static str,
    next_id: &'static str,
    next_en: &'static str,
    amount: Rupiah,
    reason: RefundReason,
    created_at: String,
}

const fn next(state: OrderState, charged: bool) -> (&'static str, &'static str) {
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

impl From<&Order> for OrderView {
    fn from(order: &Order) -> Self {
        let (next_id, next_en) = next(order.state, order.instructions.is_some());
        let to_pay = order.state == OrderState::AwaitingPayment;
        Self {
            id: order.id.to_string(),
            state: order.state,
            next_id,
            next_en,
            quantity: order.quantity,
            unit_price: order.unit_price,
            total: order.total,
            method: order.method,
            created_at: rfc3339(order.created_at_ms),
            expires_at: rfc3339(order.expires_at_ms),
            instructions: order.instructions.clone().filter(|_| to_pay),
            history: order
                .history
                .iter()
                .map(|step| StepView {
                    state: step.state,
                    at: rfc3339(step.at_ms),
                })
                .collect(),
        }
    }
}

impl From<&Refund> for RefundView {
    fn from(refund: &Refund) -> Self {
        let (state, next_id, next_en) = match refund.state {
            RefundState::Due => (
                "due",
                "Pengembalian utuh akan segera diminta ke penyedia pembayaran.",
                "The full refund is about to be asked of the payment provider.",
            ),
            RefundState::Sent => (
                "sent",
                "Pengembalian sudah diminta; kami menanyakannya sampai dipastikan.",
                "The refund has been asked for; we keep asking until it is confirmed.",
            ),
            RefundState::Refunded => (
                "refunded",
                "Uang sudah dikembalikan utuh.",
                "The money has gone back in full.",
            ),
            RefundState::Stuck => (
                "stuck",
                "Penyedia pembayaran belum memastikan; petugas kami menanganinya. Anda tidak perlu berbuat apa-apa.",
                "The payment provider does not confirm it; our staff has the case. There is nothing you need to do.",
            ),
            RefundState::Payout if refund.pay_to.is_some() => (
                "payout",
                "Rekening Anda sudah kami terima; uang dikirim utuh oleh petugas kami.",
                "We have your bank account; our staff is sending the full amount.",
            ),
            RefundState::Payout => (
                "payout",
                "Cara bayar ini tidak dapat dikembalikan langsung. Isi rekening bank Anda (pay-to), atau pakai lagi meterainya (keep).",
                "This way of paying can't be refunded directly. Tell us your bank account (pay-to), or keep the stamps (keep).",
            ),
            RefundState::Reversed => (
                "reversed",
                "Dibatalkan; meterainya dapat dipakai lagi.",
                "Called off; the stamps can be used again.",
            ),
        };
        Self {
            key: refund.key.to_string(),
            state,
            next_id,
            next_en,
            amount: refund.amount,
            reason: refund.reason,
            created_at: rfc3339(refund.created_at_ms),
        }
    }
}
