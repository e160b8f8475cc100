//! Time-stamps of an authority (RFC 3161, RFC 5816): what is asked, what comes back, and what it proves. The caller
//! carries the bytes.

mod authority;
mod error;
mod query;
mod response;
mod token;

pub use authority::TimestampAuthority;
pub use error::{Rejection, TimestampError};
pub use query::TimestampQuery;
pub(crate) use token::Token;

/// Largest response that is looked at, in bytes: real ones have 2 to 10 KB.
pub(crate) const MOST_RESPONSE_BYTES: usize = 64 * 1024;
