//! A lot: up to 1,000 stamps of one credited payment, each in exactly one bucket.
//!
//! There is no separate balance: what an account owns is the sum of its lots, so every stamp can be
//! traced to the payment that bought it.

use crate::{
    error::Error,
    id::{AccountId, OrderId, TransactionId},
    money::{Rupiah, Stamps},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Stamps in one lot at most, so that a lot's counters stay cheap and a big order spreads its writes.
pub const LOT_MAX: Stamps = Stamps::new(1_000);

/// A lot's name; its text sorts oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LotId {
    /// When the lot was credited, in milliseconds since the epoch.
    pub credited_at_ms: u64,
    /// The order that bought it.
    pub order: OrderId,
    /// Which part of the order, from 0.
    pub part: u16,
}

impl fmt::Display for LotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:013}.{}.{:04}",
            self.credited_at_ms, self.order, self.part
        )
    }
}

impl FromStr for LotId {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || Error::Invalid {
            field: "lot",
            reason: "not a lot id".to_owned(),
        };
        let mut parts = text.splitn(3, '.');
        let (at, order, part) = (parts.next(), parts.next(), parts.next());
        Ok(Self {
            credited_at_ms: at.and_then(|t| t.parse().ok()).ok_or_else(bad)?,
            order: order.ok_or_else(bad)?.parse()?,
            part: part.and_then(|t| t.parse().ok()).ok_or_else(bad)?,
        })
    }
}

impl TryFrom<String> for LotId {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<LotId> for String {
    fn from(id: LotId) -> Self {
        id.to_string()
    }
}

/// Where a stamp of a lot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// The buyer can use it.
    Available,
    /// Bound to a document that is not stamped yet.
    Reserved,
    /// On a document.
    Stamped,
    /// A refund is under way.
    Refunding,
    /// Its money went back.
    Refunded,
}

impl Bucket {
    /// Every bucket.
    pub const ALL: [Self; 5] = [
        Self::Available,
        Self::Reserved,
        Self::Stamped,
        Self::Refunding,
        Self::Refunded,
    ];

    /// The bucket's name in a row.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Reserved => "reserved",
            Self::Stamped => "stamped",
            Self::Refunding => "refunding",
            Self::Refunded => "refunded",
        }
    }

    /// Whether a stamp may go from here to there. What is stamped or refunded stays so.
    #[must_use]
    pub const fn may_become(self, to: Self) -> bool {
        matches!(
            (self, to),
            (
                Self::Available,
                Self::Reserved | Self::Refunding | Self::Refunded
            ) | (Self::Reserved, Self::Available | Self::Stamped)
                | (Self::Refunding, Self::Available | Self::Refunded)
        )
    }
}

/// A lot of stamps.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lot {
    /// Its name.
    pub id: LotId,
    /// Whose it is.
    pub account: AccountId,
    /// The payment that bought it.
    pub transaction: TransactionId,
    /// What one stamp cost.
    pub unit_price: Rupiah,
    /// How many stamps were bought; the buckets always add up to it.
    pub quantity: Stamps,
    /// Usable.
    pub available: Stamps,
    /// Bound to documents under way.
    pub reserved: Stamps,
    /// On documents.
    pub stamped: Stamps,
    /// Being refunded.
    pub refunding: Stamps,
    /// Refunded.
    pub refunded: Stamps,
    /// Whether its payment is disputed, or was and is lost: what is available here can't be used, nor
    /// what comes back from documents later.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disputed: bool,
}

/// Stamps going from one bucket of a lot to another: the only way a lot changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampMove {
    /// Whose lot.
    pub account: AccountId,
    /// Which lot.
    pub lot: LotId,
    /// Out of this bucket; the write holds only if it has as many.
    pub from: Bucket,
    /// Into this one.
    pub to: Bucket,
    /// How many.
    pub count: Stamps,
}

impl StampMove {
    /// A move between buckets that allow it.
    ///
    /// # Errors
    /// [`Error::IllegalTransition`] when a stamp may not go that way.
    pub fn new(
        account: AccountId,
        lot: LotId,
        from: Bucket,
        to: Bucket,
        count: Stamps,
    ) -> Result<Self, Error> {
        if !from.may_become(to) || count == Stamps::ZERO {
            return Err(Error::IllegalTransition {
                state: from.name(),
                event: to.name(),
            });
        }
        Ok(Self {
            account,
            lot,
            from,
            to,
            count,
        })
    }

    /// Whether the lot must be undisputed for this move: no other stamps go onto documents.
    #[must_use]
    pub const fn needs_no_dispute(&self) -> bool {
        matches!(self.to, Bucket::Reserved)
    }
}

/// A lot's payment came into dispute, or out of it. All its stamps that are not on documents can't be
/// used meanwhile: a mark instead of a move, so that a stamp that a document gives back is held too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Whose lot.
    pub account: AccountId,
    /// Which lot.
    pub lot: LotId,
    /// Whether it is disputed from here on.
    pub disputed: bool,
}

impl Lot {
    /// The lots that `quantity` stamps of one payment make.
    ///
    /// # Errors
    /// [`Error::Overflow`] when there would be more than 65,536.
    pub fn split(
        order: OrderId,
        account: &AccountId,
        transaction: &TransactionId,
        unit_price: Rupiah,
        quantity: Stamps,
        credited_at_ms: u64,
    ) -> Result<Vec<Self>, Error> {
        let mut lots = Vec::new();
        let mut left = quantity;
        while left > Stamps::ZERO {
            let size = left.min(LOT_MAX);
            left = left.minus(size)?;
            lots.push(Self {
                id: LotId {
                    credited_at_ms,
                    order,
                    part: u16::try_from(lots.len()).map_err(|_| Error::Overflow)?,
                },
                account: account.clone(),
                transaction: transaction.clone(),
                unit_price,
                quantity: size,
                available: size,
                reserved: Stamps::ZERO,
                stamped: Stamps::ZERO,
                refunding: Stamps::ZERO,
                refunded: Stamps::ZERO,
                disputed: false,
            });
        }
        Ok(lots)
    }

    /// What a bucket holds.
    #[must_use]
    pub const fn bucket(&self, bucket: Bucket) -> Stamps {
        match bucket {
            Bucket::Available => self.available,
            Bucket::Reserved => self.reserved,
            Bucket::Stamped => self.stamped,
            Bucket::Refunding => self.refunding,
            Bucket::Refunded => self.refunded,
        }
    }

    fn bucket_mut(&mut self, bucket: Bucket) -> &mut Stamps {
        match bucket {
            Bucket::Available => &mut self.available,
            Bucket::Reserved => &mut self.reserved,
            Bucket::Stamped => &mut self.stamped,
            Bucket::Refunding => &mut self.refunding,
            Bucket::Refunded => &mut self.refunded,
        }
    }

    /// The stamps that can be used now.
    #[must_use]
    pub fn usable(&self) -> Stamps {
        if self.disputed {
            Stamps::ZERO
        } else {
            self.available
        }
    }

    /// The lot after a move.
    ///
    /// # Errors
    /// [`Error::Overflow`] when the bucket has fewer stamps than the move takes;
    /// [`Error::IllegalTransition`] when a dispute stands in its way.
    pub fn after(&self, change: &StampMove) -> Result<Self, Error> {
        if change.needs_no_dispute() && self.disputed {
            return Err(Error::IllegalTransition {
                state: "disputed",
                event: change.to.name(),
            });
        }
        let mut next = self.clone();
        let from = next.bucket_mut(change.from);
        *from = from.minus(change.count)?;
        let to = next.bucket_mut(change.to);
        *to = to.plus(change.count)?;
        Ok(next)
    }

    /// Whether the buckets add up to what was bought.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        Stamps::sum(Bucket::ALL.map(|bucket| self.bucket(bucket)))
            .is_ok_and(|sum| sum == self.quantity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lots(quantity: u32) -> Vec<Lot> {
        Lot::split(
            OrderId::derive(&["o"]),
            &AccountId::new("a").unwrap(),
            &TransactionId::new("t").unwrap(),
            Rupiah::new(10_000),
            Stamps::new(quantity),
            7,
        )
        .unwrap()
    }

    #[test]
    fn a_lot_id_reads_back_and_sorts_by_age() {
        let id = lots(1)[0].id;
        assert_eq!(id.to_string().parse::<LotId>(), Ok(id));
        let older = LotId {
            credited_at_ms: 6,
            ..id
        };
        assert!(older.to_string() < id.to_string());
    }

    #[test]
    fn what_is_spent_or_given_back_never_comes_back() {
        for done in [Bucket::Stamped, Bucket::Refunded] {
            for to in Bucket::ALL {
                assert!(!done.may_become(to), "{done:?} → {to:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn splitting_keeps_every_stamp(quantity in 1_u32..20_000) {
            let lots = lots(quantity);
            prop_assert!(lots.iter().all(|l| l.is_whole() && l.quantity <= LOT_MAX));
            prop_assert_eq!(lots.iter().map(|l| l.quantity.get()).sum::<u32>(), quantity);
        }

        #[test]
        fn any_sequence_of_moves_leaves_the_lot_whole(
            moves in prop::collection::vec((0_usize..5, 0_usize..5, 1_u32..9), 0..64)
        ) {
            let mut lot = lots(20).remove(0);
            for (from, to, count) in moves {
                let change = StampMove::new(
                    lot.account.clone(), lot.id, Bucket::ALL[from], Bucket::ALL[to], Stamps::new(count));
                if let Ok(next) = change.and_then(|c| lot.after(&c)) {
                    for done in [Bucket::Stamped, Bucket::Refunded] {
                        prop_assert!(next.bucket(done) >= lot.bucket(done));
                    }
                    lot = next;
                }
                prop_assert!(lot.is_whole());
            }
        }
    }
}
