//! What the gateway's contract says it may keep.

use crate::{error::Error, money::Rupiah, payment::Method};

/// Fees by method. Contracts change: these are settings, the defaults Indonesia's usual ones (QRIS: the
/// central bank's merchant discount rate of 0.7 %; a virtual account: Rp4,000 a transfer).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Of a QRIS payment, in hundredths of a percent.
    pub qris_basis_points: u32,
    /// Of a transfer to a virtual account.
    pub transfer: Rupiah,
    /// How far a fee may be from this: gateways round in their own ways.
    pub tolerance: Rupiah,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            qris_basis_points: 70,
            transfer: Rupiah::new(4_000),
            tolerance: Rupiah::new(1),
        }
    }
}

impl Rates {
    /// The fee of a payment, rounded down to whole rupiah.
    ///
    /// # Errors
    /// [`Error::Overflow`] when the product does not fit.
    pub fn fee(&self, method: Method, amount: Rupiah) -> Result<Rupiah, Error> {
        match method {
            Method::BankTransfer => Ok(self.transfer),
            Method::Qris => amount
                .get()
                .checked_mul(u64::from(self.qris_basis_points))
                .map(|product| Rupiah::new(product.div_euclid(10_000)))
                .ok_or(Error::Overflow),
        }
    }

    /// Whether a fee is as agreed, within the tolerance.
    pub(super) fn agree(&self, agreed: Rupiah, fee: Rupiah) -> bool {
        agreed.get().abs_diff(fee.get()) <= self.tolerance.get()
    }
}
