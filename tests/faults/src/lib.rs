//! The fault harness: the real steps with the real AWS clients over a cloud in the process.
//!
//! Every request the code makes is a numbered [`Site`](cloud::Site). A [`Plan`](cloud::Plan) makes
//! chosen sites fail before they are applied, lose their reply after it, conflict, or kill the
//! process there. Time and randomness are the harness's, so that a run can be repeated exactly.
//!
//! Nothing here is production code: a harness that meets what it did not expect stops loudly.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

pub mod check;
pub mod cloud;
pub mod double;
pub mod driver;
pub mod many;
pub mod remote;
pub mod sim;
pub mod story;
pub mod unwind;
pub mod world;
