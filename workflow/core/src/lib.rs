//! The rules of Bubuh: no I/O, no clock, no randomness. Time and ids come in as arguments;
//! what must be written comes out as data ([`Write`](write::Write)).

pub mod error;
pub mod money;

pub use error::Error;
pub use money::{Rupiah, Stamps};
