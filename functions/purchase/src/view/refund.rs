//! Refunds as their buyer sees them.

use super::{Both, StepView};
use bubuh_core::{
    id::RefundKey,
    money::Rupiah,
    refund::{Made, Refund, RefundReason, RefundState},
};
use bubuh_edge::time::Time;
use schemars::JsonSchema;
use serde::Serialize;

/// Money on its way back.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Refund")]
pub(crate) struct RefundView {
    key: RefundKey,
    state: Stage,
    /// What happens next, in Indonesian.
    next_id: &'static str,
    /// The same in English.
    next_en: &'static str,
    amount: Rupiah,
    reason: RefundReason,
    created_at: Time,
    updated_at: Time,
    history: Vec<StepView<Stage>>,
}

/// Where a refund is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "RefundState")]
enum Stage {
    /// About to be asked of the payment provider.
    Due,
    /// Asked for.
    Sent,
    /// Gone back.
    Refunded,
    /// Not confirmed by the payment provider; a case is open.
    Stuck,
    /// To be paid to a bank account by hand.
    Payout,
    /// Called off; the stamps are usable again.
    Reversed,
}

impl From<RefundState> for Stage {
    fn from(state: RefundState) -> Self {
        match state {
            RefundState::Due => Self::Due,
            RefundState::Sent => Self::Sent,
            RefundState::Refunded => Self::Refunded,
            RefundState::Stuck => Self::Stuck,
            RefundState::Payout => Self::Payout,
            RefundState::Reversed => Self::Reversed,
        }
    }
}

const fn next(refund: &Refund) -> Both {
    match refund.state {
        RefundState::Due => (
            "Pengembalian utuh akan segera diminta ke penyedia pembayaran.",
            "The full refund is about to be asked of the payment provider.",
        ),
        RefundState::Sent => (
            "Pengembalian sudah diminta; kami menanyakannya sampai dipastikan.",
            "The refund has been asked for; we keep asking until it is confirmed.",
        ),
        RefundState::Refunded => match refund.made {
            Some(Made::ByHand(_)) => (
                "Uang sudah dikirim utuh ke rekening bank.",
                "The money has been sent to the bank account in full.",
            ),
            Some(Made::Chargeback) => (
                "Bank pembayar sudah menarik kembali uangnya.",
                "The payer's bank has taken the money back itself.",
            ),
            None | Some(Made::Elsewhere(_)) => (
                "Uang sudah dikembalikan utuh.",
                "The money has gone back in full.",
            ),
        },
        RefundState::Stuck => (
            "Penyedia pembayaran belum memastikan; petugas kami menanganinya. Anda tidak perlu berbuat apa-apa.",
            "The payment provider does not confirm it; our staff has the case. There is nothing you need to do.",
        ),
        RefundState::Payout if refund.pay_to.is_some() => (
            "Rekening Anda sudah kami terima; uang dikirim utuh oleh petugas kami.",
            "We have your bank account; our staff is sending the full amount.",
        ),
        // Only stamps that were asked back can be kept: money that bought none has none to keep.
        RefundState::Payout if matches!(refund.reason, RefundReason::BuyerAsked) => (
            "Cara bayar ini tidak dapat dikembalikan langsung. Isi rekening bank Anda (pay-to), atau pakai lagi meterainya (keep).",
            "This way of paying can't be refunded directly. Tell us your bank account (pay-to), or keep the stamps (keep).",
        ),
        RefundState::Payout => (
            "Cara bayar ini tidak dapat dikembalikan langsung. Isi rekening bank Anda (pay-to).",
            "This way of paying can't be refunded directly. Tell us your bank account (pay-to).",
        ),
        RefundState::Reversed => (
            "Dibatalkan; meterainya dapat dipakai lagi.",
            "Called off; the stamps can be used again.",
        ),
    }
}

impl From<&Refund> for RefundView {
    fn from(refund: &Refund) -> Self {
        let (next_id, next_en) = next(refund);
        let last = refund.history.last();
        let updated_ms = last.map_or(refund.created_at_ms, |step| step.at_ms);
        let history = refund.history.iter();
        Self {
            key: refund.key,
            state: refund.state.into(),
            next_id,
            next_en,
            amount: refund.amount,
            reason: refund.reason,
            created_at: Time::of(refund.created_at_ms),
            updated_at: Time::of(updated_ms),
            history: history
                .map(|s| StepView::new(s.state.into(), s.at_ms))
                .collect(),
        }
    }
}
