//! A case's money, to the rupiah: the rows, the ledger and the bank's own books tell one story.

use super::{act::Buyer, ends::by_hand};
use bubuh_core::{
    audit::Rows,
    case::CaseKind,
    ledger::{Entry, LedgerAccount},
    lot::{Bucket, Lot},
    money::Rupiah,
    payment::{Payment, PaymentState},
    refund::Refund,
};

/// Where the money of one case is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Money {
    /// What the bank took from the payers.
    pub(super) captured: u64,
    /// What the buyer has for it: stamps, used or not, held or not.
    pub(super) credited: u64,
    /// What went back.
    pub(super) refunded: u64,
    /// What has to go back: a refund under way, or an open case.
    pub(super) open: u64,
    /// What went back though its stamps are used.
    pub(super) losses: u64,
}

impl Money {
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            captured: self.captured + other.captured,
            credited: self.credited + other.credited,
            refunded: self.refunded + other.refunded,
            open: self.open + other.open,
            losses: self.losses + other.losses,
        }
    }
}

/// An account's balance over these entries, on its normal side.
fn balance<'e>(entries: impl Iterator<Item = &'e Entry>, account: LedgerAccount) -> i128 {
    let legs = entries.flat_map(|entry| &entry.legs);
    legs.filter(|leg| leg.account == account)
        .map(|leg| {
            let amount = i128::from(leg.amount.get());
            if leg.side == account.normal() {
                amount
            } else {
                -amount
            }
        })
        .sum()
}

fn sum(amounts: impl Iterator<Item = Rupiah>) -> u64 {
    amounts.map(Rupiah::get).sum()
}

fn worth(lot: &Lot, buckets: &[Bucket]) -> u64 {
    let stamps: u32 = buckets.iter().map(|b| lot.bucket(*b).get()).sum();
    lot.unit_price.get() * u64::from(stamps)
}

impl Buyer<'_> {
    /// Where its money is.
    ///
    /// # Errors
    /// What does not add up.
    pub(super) fn money(&self, rows: &Rows) -> Result<Money, String> {
        let orders = self.orders.borrow();
        let payments = || rows.payments.iter().filter(|p| self.owns(p.order));
        let refunds = || rows.refunds.iter().filter(|r| self.owns(r.order));
        let entries = || {
            rows.entries
                .iter()
                .filter(|e| e.order.is_some_and(|order| self.owns(order)))
        };
        let charges = orders.iter();
        let charges = charges.flat_map(|(_, id)| self.world.charges(&id.to_string()));
        let charges: Vec<_> = charges.collect();
        let gone = |lot: &&Lot| {
            let mut own = payments().filter(|p| p.transaction == lot.transaction);
            own.any(|p| p.state == PaymentState::ChargedBack)
        };
        let lots = || rows.lots.iter().filter(|l| self.owns(l.id.order));
        let used = [Bucket::Stamped];
        let unused = [Bucket::Available, Bucket::Reserved];
        let with_us: u64 = lots().filter(|l| !gone(l)).map(|l| worth(l, &unused)).sum();
        let lost = |p: &&Payment| p.state == PaymentState::ChargedBack;
        let taken: u64 = payments()
            .filter(lost)
            .map(|p| p.amount.get() - p.refunded.get())
            .sum();
        // Money of which the gateway says what nobody may act on: not booked, and in an open case.
        let unclear = charges.iter().filter(|tx| {
            let mut open = rows.cases.iter().filter(|case| case.closed.is_none());
            open.any(|case| case.kind == CaseKind::PaymentUnclear(tx.transaction_id.clone()))
                && !payments().any(|p| p.transaction.as_str() == tx.transaction_id)
        });
        let unclear: u64 = unclear.map(|tx| tx.captured).sum();
        let losses = balance(entries(), LedgerAccount::Losses);
        let owed = sum(refunds().filter(|r| r.is_open()).map(|r: &Refund| r.amount));
        let money = Money {
            captured: charges.iter().map(|tx| tx.captured).sum(),
            credited: with_us + lots().map(|l| worth(l, &used)).sum::<u64>(),
            refunded: charges.iter().map(|tx| tx.refunded()).sum::<u64>()
                + sum(refunds().filter(|r| by_hand(r)).map(|r| r.amount))
                + taken,
            open: owed + unclear,
            losses: u64::try_from(losses).map_err(|_| format!("losses of {losses}"))?,
        };
        let mut wrong: Vec<String> = entries()
            .filter_map(|entry| entry.balanced().err().map(|flaw| flaw.to_string()))
            .collect();
        let debits: i128 = LedgerAccount::ALL
            .into_iter()
            .map(|account| {
                let total = balance(entries(), account);
                if account.normal() == bubuh_core::ledger::Side::Debit {
                    total
                } else {
                    -total
                }
            })
            .sum();
        let booked = sum(payments().map(|p| p.amount));
        let back: u64 = charges.iter().map(|tx| tx.refunded()).sum();
        let noted = sum(payments().map(|p| p.refunded));
        for (what, is, be) in [
            ("the order's entries together", debits, 0),
            (
                "booked as captured, or in an open case",
                (booked + unclear).into(),
                money.captured.into(),
            ),
            ("noted as refunded there", noted.into(), back.into()),
            (
                "owed to go back by the ledger",
                balance(entries(), LedgerAccount::RefundsPayable),
                owed.into(),
            ),
            (
                "credited, refunded and open, less losses",
                i128::from(money.credited + money.refunded + money.open) - losses,
                money.captured.into(),
            ),
        ] {
            if is != be {
                wrong.push(format!("{what}: {is}, not {be}"));
            }
        }
        if wrong.is_empty() {
            Ok(money)
        } else {
            Err(wrong.join("; "))
        }
    }
}
