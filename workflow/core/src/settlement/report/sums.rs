//! What the ledger's entries come to.

use super::{Balance, Day, Turnover};
use crate::{
    error::Error,
    ledger::{Entry, EntryKind, LedgerAccount, Side},
    money::Rupiah,
};
use std::collections::BTreeMap;

/// Every account at the day's end.
pub(super) fn balances(entries: &[Entry], day: Day) -> Result<Vec<Balance>, Error> {
    let mut sums: BTreeMap<LedgerAccount, (Rupiah, Rupiah)> = BTreeMap::new();
    for entry in entries.iter().filter(|e| e.at_ms < day.to_ms) {
        for leg in &entry.legs {
            let (debit, credit) = sums.entry(leg.account).or_default();
            let side = match leg.side {
                Side::Debit => debit,
                Side::Credit => credit,
            };
            *side = side.plus(leg.amount)?;
        }
    }
    let balance = |account| {
        let (debit, credit) = sums.get(&account).copied().unwrap_or_default();
        Balance {
            account,
            debit,
            credit,
        }
    };
    Ok(LedgerAccount::ALL.into_iter().map(balance).collect())
}

/// What the day's entries come to.
pub(super) fn turnover(entries: &[Entry], day: Day) -> Result<Turnover, Error> {
    let mut turnover = Turnover::default();
    for entry in entries.iter().filter(|e| day.has(e.at_ms)) {
        let of = |account| {
            let legs = entry.legs.iter().filter(|leg| leg.account == account);
            legs.map(|leg| leg.amount).fold(Rupiah::ZERO, Rupiah::max)
        };
        let sum = match entry.kind {
            EntryKind::Credited | EntryKind::CapturedToRefund => &mut turnover.captured,
            EntryKind::Refunded | EntryKind::PaidOut | EntryKind::RefundedElsewhere => {
                &mut turnover.refunded
            }
            EntryKind::DisputeOpened => &mut turnover.disputed,
            EntryKind::Settled => &mut turnover.settled,
            EntryKind::Deducted => &mut turnover.kept,
            EntryKind::Suspended => &mut turnover.suspended,
            _ => continue,
        };
        *sum = sum.plus(entry.balanced()?)?;
        if matches!(entry.kind, EntryKind::Settled | EntryKind::Deducted) {
            turnover.fees = turnover.fees.plus(of(LedgerAccount::GatewayFees))?;
        }
    }
    Ok(turnover)
}
