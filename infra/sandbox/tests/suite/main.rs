//! The sandbox, through its API, through the real client, and served.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod api;
mod common;
mod contract;
mod faults;
mod issuer;
mod money;
mod notifications;
mod rules;
mod served;
mod settlement;
mod xendit_api;
