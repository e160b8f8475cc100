//! The rules of Bubuh: no I/O, no clock, no randomness. Time and ids come in as arguments;
//! what must be written comes out as data ([`write::Write`]).

pub mod audit;
pub mod capacity;
pub mod case;
pub mod chunks;
pub mod dispute;
pub mod document;
pub mod error;
pub mod event;
pub mod hook;
pub mod id;
pub mod inventory;
pub mod ledger;
pub mod lot;
pub mod minting;
pub mod money;
pub mod order;
mod patience;
pub mod payment;
pub mod queue;
pub mod refund;
pub mod sales;
pub mod serial;
pub mod settlement;
pub mod ticket;
pub mod write;

pub use error::Error;
pub use money::{Rupiah, Stamps};
