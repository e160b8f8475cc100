//! Money that came in for an order, as its buyer sees it.

use super::{Both, StepView};
use bubuh_core::{
    id::TransactionId,
    money::Rupiah,
    payment::{Method, Payment, PaymentState},
};
use schemars::JsonSchema;
use serde::Serialize;

/// Money that came in.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Payment")]
pub(crate) struct PaymentView {
    transaction: TransactionId,
    state: PaymentState,
    /// What happens next, in Indonesian.
    next_id: &'static str,
    /// The same in English.
    next_en: &'static str,
    amount: Rupiah,
    refunded: Rupiah,
    method: Method,
    history: Vec<StepView<PaymentState>>,
}

const fn next(payment: &Payment) -> Both {
    match payment.state {
        PaymentState::Captured if payment.credited => (
            "Kami terima, dan menjadi meterai.",
            "Received, and turned into stamps.",
        ),
        PaymentState::Captured => (
            "Kami terima, tetapi tidak dapat menjadi meterai: dikembalikan utuh.",
            "Received, but it could not become stamps: it goes back in full.",
        ),
        PaymentState::Disputed => (
            "Disengketakan oleh bank pembayar; petugas kami menjawab bank itu. Menang: meterai dapat dipakai lagi. Kalah: uang kembali ke pembayar.",
            "Disputed by the payer's bank; our staff answers that bank. If it is won the stamps can be used again; if it is lost the money is the payer's.",
        ),
        PaymentState::ChargedBack => (
            "Bank pembayar menarik kembali uangnya.",
            "The payer's bank took the money back.",
        ),
    }
}

impl From<&Payment> for PaymentView {
    fn from(payment: &Payment) -> Self {
        let (next_id, next_en) = next(payment);
        let history = payment.history.iter();
        Self {
            transaction: payment.transaction.clone(),
            state: payment.state,
            next_id,
            next_en,
            amount: payment.amount,
            refunded: payment.refunded,
            method: payment.method,
            history: history.map(|s| StepView::new(s.state, s.at_ms)).collect(),
        }
    }
}
