//! A payment gateway sandbox: Midtrans's and Xendit's HTTP APIs over one bank that keeps its books,
//! with faults on demand. The real clients can't tell the difference.
//!
//! [`Bank`] is pure: a request and the time go in, a reply comes out; due notifications are read
//! from it and their results told to it. [`serve`] puts it behind HTTP with a delivery loop and a
//! state file; [`InProcess`] plugs it into a client under a clock of the
//! caller's, for deterministic fault simulation.
//!
//! Beside the bank is, if it is configured, an [`Issuer`]: a licensed e-Meterai issuer's HTTP API, over serials that
//! it keeps books of; and a time-stamp authority at `/tsa`, for stamps that are to be time-stamped.
//!
//! Under `/sandbox/` are the controls that no real gateway has: paying, faults, the books.

mod answer;
mod bank;
mod control;
mod delivery;
mod error;
mod fault;
mod ids;
mod in_process;
pub mod issuer;
mod qr;
mod query;
mod remote;
mod server;
mod time;
mod tsa;

pub use answer::Outcome;
pub use bank::{
    Api, Asked, Bank, Books, BuyerError, Call, FaultKind, FaultSpec, Fees, Fired, Pay, Payment,
    Refund, RefundState, Settings, SettlementFaults, Snapshot, State, Transaction,
};
pub use delivery::{Delivered, Due};
pub use error::Error;
pub use in_process::InProcess;
pub use issuer::Issuer;
pub use remote::Remote;
pub use server::{Config, IssuerConfig, Sandbox, serve};
pub use tsa::{Tsa, TsaFault};
