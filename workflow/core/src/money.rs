//! Money and stamps as integer newtypes with checked arithmetic.
//!
//! A rupiah has no minor unit in any gateway Bubuh talks to, so amounts are whole rupiah.

use crate::error::Error;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A non-negative amount in whole Indonesian rupiah.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct Rupiah(u64);

/// A count of e-Meterai.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct Stamps(u32);

/// Face value of one e-Meterai (UU 10/2020 art. 5).
pub const DUTY: Rupiah = Rupiah(10_000);

impl Rupiah {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// An amount of whole rupiah.
    #[must_use]
    pub const fn new(rupiah: u64) -> Self {
        Self(rupiah)
    }

    /// The amount in whole rupiah.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Sum.
    ///
    /// # Errors
    /// [`Error::Overflow`] when the sum does not fit.
    pub fn plus(self, other: Self) -> Result<Self, Error> {
        self.0.checked_add(other.0).map(Self).ok_or(Error::Overflow)
    }

    /// Difference.
    ///
    /// # Errors
    /// [`Error::Overflow`] when `other` is larger: an amount is never negative.
    pub fn minus(self, other: Self) -> Result<Self, Error> {
        self.0.checked_sub(other.0).map(Self).ok_or(Error::Overflow)
    }

    /// The price of `count` stamps at `self` each.
    ///
    /// # Errors
    /// [`Error::Overflow`] when the product does not fit.
    pub fn times(self, count: Stamps) -> Result<Self, Error> {
        self.0
            .checked_mul(u64::from(count.0))
            .map(Self)
            .ok_or(Error::Overflow)
    }
}

impl Stamps {
    /// No stamp.
    pub const ZERO: Self = Self(0);
    /// One stamp: what a document takes (UU 10/2020 art. 4: once per document).
    pub const ONE: Self = Self(1);

    /// A count of stamps.
    #[must_use]
    pub const fn new(count: u32) -> Self {
        Self(count)
    }

    /// The count.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Sum.
    ///
    /// # Errors
    /// [`Error::Overflow`] when the sum does not fit.
    pub fn plus(self, other: Self) -> Result<Self, Error> {
        self.0.checked_add(other.0).map(Self).ok_or(Error::Overflow)
    }

    /// The sum of counts.
    ///
    /// # Errors
    /// As [`Stamps::plus`].
    pub fn sum(counts: impl IntoIterator<Item = Self>) -> Result<Self, Error> {
        counts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// Difference.
    ///
    /// # Errors
    /// [`Error::Overflow`] when `other` is larger.
    pub fn minus(self, other: Self) -> Result<Self, Error> {
        self.0.checked_sub(other.0).map(Self).ok_or(Error::Overflow)
    }
}

/// An amount as Indonesians write it: 1.250.000.
#[must_use]
pub fn grouped(amount: u128) -> String {
    let digits = amount.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && digits.len().saturating_sub(place).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

impl fmt::Display for Rupiah {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rp{}", self.0)
    }
}

impl fmt::Display for Stamps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
