//! Who buys what and stamps what: all of it follows from the size and the seed.

use super::files::{Files, Kind};
use bubuh_core::{
    id::{DocumentId, OrderId},
    order::OrderState,
};

/// How much.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Documents.
    pub documents: usize,
    /// Orders.
    pub orders: usize,
    /// Where chance starts. What is bought and stamped repeats; what meets which fault does not,
    /// for real processes race.
    pub seed: u64,
}

/// What becomes of an order, by the doing of its buyer and the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Paid.
    Paid,
    /// Shown as expired first, settled later.
    PaidLate,
    /// Never paid, and ended by the gateway.
    Lapsed,
    /// Refused by the buyer's bank.
    Denied,
    /// Cancelled by the buyer.
    Cancelled,
    /// Cancelled by the buyer, then paid by a saved code.
    PaidAfterCancel,
    /// Paid with another amount.
    WrongAmount,
    /// Paid, and all of it asked back unused.
    AskedBack,
}

impl Deed {
    /// Every deed but the common one.
    const RARE: [Self; 7] = [
        Self::PaidLate,
        Self::Lapsed,
        Self::Denied,
        Self::Cancelled,
        Self::PaidAfterCancel,
        Self::WrongAmount,
        Self::AskedBack,
    ];

    /// Where the order ends.
    #[must_use]
    pub const fn ends_as(self) -> OrderState {
        match self {
            Self::Paid | Self::PaidLate | Self::AskedBack => OrderState::Credited,
            Self::Lapsed => OrderState::Expired,
            Self::Denied | Self::WrongAmount => OrderState::Failed,
            Self::Cancelled | Self::PaidAfterCancel => OrderState::Cancelled,
        }
    }

    /// Whether its money goes back.
    #[must_use]
    pub const fn refunds(self) -> bool {
        matches!(
            self,
            Self::PaidAfterCancel | Self::WrongAmount | Self::AskedBack
        )
    }
}

/// An order to place.
#[derive(Debug, Clone)]
pub struct OrderPlan {
    /// Whose.
    pub account: String,
    /// Its `Idempotency-Key`.
    pub key: String,
    /// How many stamps.
    pub quantity: u32,
    /// `qris` or `bank_transfer`.
    pub method: &'static str,
    /// What becomes of it.
    pub deed: Deed,
    /// Whether the gateway tells of it twice.
    pub told_twice: bool,
}

impl OrderPlan {
    /// Its id, which follows from account and key.
    #[must_use]
    pub fn id(&self) -> OrderId {
        OrderId::derive(&[&self.account, "POST /v1/orders", &self.key])
    }
}

/// A document to stamp.
#[derive(Debug, Clone)]
pub struct DocumentPlan {
    /// Whose.
    pub account: String,
    /// Its `Idempotency-Key`.
    pub key: String,
    /// What is uploaded.
    pub bytes: Vec<u8>,
    /// Why it must be refused; none if it must be stamped.
    pub refused: Option<&'static str>,
    /// Whether all its events come twice.
    pub doubled: bool,
}

impl DocumentPlan {
    /// Its id, which follows from account and key.
    #[must_use]
    pub fn id(&self) -> DocumentId {
        DocumentId::derive(&[&self.account, "POST /v1/documents", &self.key])
    }
}

/// All that is to happen.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The orders, in the order they are placed.
    pub orders: Vec<OrderPlan>,
    /// The documents, in the order they are uploaded.
    pub documents: Vec<DocumentPlan>,
}

/// Stamps that each account buys beyond what it needs.
const SPARE: usize = 2;
/// Buys only to ask back, so that it takes no stamp from a document.
const REGRETTER: &str = "akun-menyesal";

impl Plan {
    /// The plan of this size.
    #[must_use]
    pub fn new(size: Size) -> Self {
        let mut chance = fastrand::Rng::with_seed(size.seed);
        let accounts = (size.documents / 100).clamp(2, 20);
        let account = |n: usize| format!("akun-{}", n % accounts);
        let files = Files::new();
        let mut documents: Vec<DocumentPlan> = (0..size.documents)
            .map(|n| {
                let kind = Kind::of(n);
                DocumentPlan {
                    account: account(n),
                    key: format!("dokumen-{n}"),
                    bytes: files.bytes(kind, n),
                    refused: kind.refused(),
                    doubled: chance.u8(..4) == 0,
                }
            })
            .collect();
        let mut orders: Vec<OrderPlan> = (0..size.orders)
            .map(|n| {
                let deed = deed(n, size.orders);
                // Whoever lets a virtual account be refunded needs a person: only codes for those.
                let by_code = deed.refunds() || chance.u8(..3) > 0;
                OrderPlan {
                    account: match deed {
                        Deed::AskedBack => REGRETTER.to_owned(),
                        _ => account(n),
                    },
                    key: format!("pesanan-{n}"),
                    quantity: chance.u32(1..6),
                    method: if by_code { "qris" } else { "bank_transfer" },
                    deed,
                    told_twice: chance.u8(..4) == 0,
                }
            })
            .collect();
        for n in 0..accounts {
            supply(&account(n), &documents, &mut orders);
        }
        chance.shuffle(&mut documents);
        chance.shuffle(&mut orders);
        Self { orders, documents }
    }
}

/// A twenty-fifth of the orders for each rare deed, but at least one.
fn deed(n: usize, orders: usize) -> Deed {
    let of_each = (orders / 25).max(1);
    Deed::RARE.get(n / of_each).copied().unwrap_or(Deed::Paid)
}

/// Makes the paid orders of an account bring what its documents need.
fn supply(account: &str, documents: &[DocumentPlan], orders: &mut [OrderPlan]) {
    let needed = documents
        .iter()
        .filter(|d| d.account == account && d.refused.is_none())
        .count()
        + SPARE;
    let mut paid: Vec<&mut OrderPlan> = orders
        .iter_mut()
        .filter(|o| o.account == account && matches!(o.deed, Deed::Paid | Deed::PaidLate))
        .collect();
    let share = needed.div_ceil(paid.len().max(1));
    assert!(!paid.is_empty(), "too few orders for {account}");
    for order in &mut paid {
        order.quantity = u32::try_from(share).unwrap_or(u32::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const SHORT: Size = Size {
        documents: 60,
        orders: 15,
        seed: 1,
    };

    #[test]
    fn every_account_buys_what_its_documents_need() {
        let plan = Plan::new(SHORT);
        for account in plan.documents.iter().map(|d| &d.account) {
            let needed = plan
                .documents
                .iter()
                .filter(|d| d.account == *account && d.refused.is_none())
                .count();
            let bought: u32 = plan
                .orders
                .iter()
                .filter(|o| o.account == *account && o.deed.ends_as() == OrderState::Credited)
                .map(|o| o.quantity)
                .sum();
            assert!(
                bought as usize >= needed,
                "{account}: {bought} for {needed}"
            );
        }
    }

    #[test]
    fn the_smallest_plan_has_every_deed_every_refusal_and_doubled_events() {
        let plan = Plan::new(SHORT);
        for deed in Deed::RARE {
            assert!(plan.orders.iter().any(|o| o.deed == deed), "{deed:?}");
        }
        let refused: BTreeSet<_> = plan.documents.iter().filter_map(|d| d.refused).collect();
        let expected = ["damaged_xref", "not_pdf", "unknown_encryption"];
        assert!(refused.into_iter().eq(expected));
        assert!(plan.documents.iter().any(|d| d.doubled));
        assert!(plan.orders.iter().any(|o| o.told_twice));
    }

    #[test]
    fn the_same_seed_gives_the_same_plan() {
        let keys = |plan: Plan| -> Vec<String> { plan.orders.into_iter().map(|o| o.key).collect() };
        assert_eq!(keys(Plan::new(SHORT)), keys(Plan::new(SHORT)));
    }
}
