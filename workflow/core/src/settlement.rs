//! Settlement: what the gateway pays out to our bank, by the files it sends, against what it said and what
//! is booked.
//!
//! A file is a [`Statement`] of [`Line`]s. [`judge`] decides what a line does: it settles a payment, is
//! kept back for a refund or a chargeback, or goes into `Suspense`. Where file, ledger and gateway do not
//! agree there is a [`Break`], which is an open case in the same transaction. Where only the ledger lacks
//! something, the gateway is asked first and what it says is booked the usual way, so the buyer has the
//! stamps before anything is called a break.
//!
//! A captured payment waits for its payout, and a payment that was paid out waits until what went back of
//! it is kept back ([`Payout`]): [`overdue`] opens the case of what does not come in time.

mod breaks;
mod judge;
mod line;
mod rates;
pub mod report;
mod resolve;
mod statement;
mod wait;

pub use breaks::Break;
pub use judge::{Books, Verdict, Word, judge};
pub use line::{Line, LineId, LineKind};
pub use rates::Rates;
pub use resolve::{Ending, Subject, resolve};
pub use statement::{Statement, StatementState, Sums};
pub use wait::{Awaited, Kept, Payout, Settled, await_payout, overdue};

use crate::{error::Error, id::AccountId};

/// Under which account a case stands whose money is nobody's we know.
///
/// # Errors
/// None: the name is a legal one.
pub fn nobody() -> Result<AccountId, Error> {
    AccountId::new("settlement")
}
