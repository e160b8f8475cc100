//! Where the money of many worlds is in the end.

use bubuh_core::audit::Counts;
use std::fmt;

/// Sums over worlds, in rupiah but for the first two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    orders: u64,
    credited: u64,
    captured: u64,
    /// On documents, or usable.
    stamps: u64,
    refunded: u64,
    /// In refunds that people must see to: each has an open case.
    in_cases: u64,
    charged_back: u64,
    /// Went back though its stamps are on documents.
    losses: u64,
}

impl Sums {
    /// Of one world at its end.
    #[must_use]
    pub fn of(counts: &Counts) -> Self {
        let many = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Self {
            orders: many(counts.orders),
            credited: many(counts.credited),
            captured: counts.captured.get(),
            stamps: counts.stamps_owed.get() + counts.stamps_delivered.get(),
            refunded: counts.refunded.get(),
            in_cases: counts.refunds_payable.get(),
            charged_back: counts.charged_back.get(),
            losses: counts.losses.get(),
        }
    }

    /// Adds another world's.
    pub fn add(&mut self, other: Self) {
        self.orders += other.orders;
        self.credited += other.credited;
        self.captured += other.captured;
        self.stamps += other.stamps;
        self.refunded += other.refunded;
        self.in_cases += other.in_cases;
        self.charged_back += other.charged_back;
        self.losses += other.losses;
    }

    /// Whether each captured rupiah is somewhere, and nowhere twice.
    #[must_use]
    pub const fn balance(&self) -> bool {
        let ends = self.stamps + self.refunded + self.in_cases + self.charged_back;
        self.captured + self.losses == ends
    }
}

impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} orders ({} credited): captured Rp{} = stamps Rp{} + refunded Rp{} + in open cases Rp{} \
             + charged back Rp{} - lost Rp{}",
            self.orders,
            self.credited,
            self.captured,
            self.stamps,
            self.refunded,
            self.in_cases,
            self.charged_back,
            self.losses,
        )
    }
}
