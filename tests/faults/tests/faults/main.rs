//! Faults at every call, and what must hold all the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod cost;
mod desk;
mod gate;
mod issuer;
mod line;
mod make;
mod money;
mod settlement;
mod simulated;
mod stalled;
mod store;
mod told;
mod unwind;
mod webhooks;
