//! Where gateway, ledger and settlement file do not agree.

use crate::{
    case::{Case, CaseKind, Owner},
    error::Error,
    id::{AccountId, OrderId},
};
use std::fmt::Display;

/// A kind of disagreement. Each is one open case, until it ends by itself or a person ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Break {
    /// A captured payment was not paid out in time.
    NotSettled,
    /// What went back of a payment that was paid out is not kept back in time.
    RefundNotSettled,
    /// A payment was paid out again, or a refund or chargeback kept back again.
    SettledTwice,
    /// Another amount was paid out or kept back than is booked.
    AmountDiffers,
    /// The fee is not as agreed.
    FeeDiffers,
    /// A line about a payment of nobody here.
    UnknownPayment,
    /// A payment of an order of ours that the gateway itself does not call captured.
    NotCaptured,
    /// A refund was kept back that nobody made.
    RefundUnknown,
    /// A chargeback was kept back of a payment that nobody disputes.
    ChargebackUnknown,
    /// The gateway's own word is another than file and ledger say.
    GatewayDiffers,
    /// The gateway added or took something that is no payment, refund or chargeback.
    Adjustment,
    /// A file that can't be read, and of which nothing was booked.
    FileRefused,
}

impl Break {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::NotSettled,
        Self::RefundNotSettled,
        Self::SettledTwice,
        Self::AmountDiffers,
        Self::FeeDiffers,
        Self::UnknownPayment,
        Self::NotCaptured,
        Self::RefundUnknown,
        Self::ChargebackUnknown,
        Self::GatewayDiffers,
        Self::Adjustment,
        Self::FileRefused,
    ];

    /// The kind's name, as in cases and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotSettled => "not_settled",
            Self::RefundNotSettled => "refund_not_settled",
            Self::SettledTwice => "settled_twice",
            Self::AmountDiffers => "amount_differs",
            Self::FeeDiffers => "fee_differs",
            Self::UnknownPayment => "unknown_payment",
            Self::NotCaptured => "not_captured",
            Self::RefundUnknown => "refund_unknown",
            Self::ChargebackUnknown => "chargeback_unknown",
            Self::GatewayDiffers => "gateway_differs",
            Self::Adjustment => "adjustment",
            Self::FileRefused => "file_refused",
        }
    }

    /// Who looks after it: finance, but for what the gateway's interface itself contradicts.
    #[must_use]
    pub const fn owner(self) -> Owner {
        match self {
            Self::NotCaptured | Self::GatewayDiffers => Owner::Operator,
            _ => Owner::Finance,
        }
    }

    /// Whether its money stands in `Suspense` until a person places it.
    #[must_use]
    pub const fn suspends(self) -> bool {
        matches!(
            self,
            Self::SettledTwice
                | Self::UnknownPayment
                | Self::NotCaptured
                | Self::RefundUnknown
                | Self::ChargebackUnknown
                | Self::Adjustment
        )
    }

    /// The kind of a case's subject.
    #[must_use]
    pub fn of(subject: &str) -> Option<Self> {
        let (name, _) = subject.split_once(':')?;
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind of case it is, about this.
    #[must_use]
    pub fn about(self, what: impl Display) -> CaseKind {
        CaseKind::SettlementBreak(format!("{}:{what}", self.name()))
    }

    /// The case that says so; `nth` as for [`Case::open`]. Without an account it is nobody's we know.
    ///
    /// # Errors
    /// As [`super::nobody`].
    pub(super) fn case(
        self,
        what: impl Display,
        whose: Option<(&AccountId, OrderId)>,
        note: String,
        now_ms: u64,
        nth: u64,
    ) -> Result<Case, Error> {
        let kind = self.about(what);
        Ok(match whose {
            Some((account, order)) => {
                Case::open(kind, account.clone(), note, now_ms, nth).of(order)
            }
            None => Case::open(kind, super::nobody()?, note, now_ms, nth),
        })
    }
}
