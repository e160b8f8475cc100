//! The model: every interleaving, and a crash at every write, of small runs over the real rules.
//!
//! The rules are `bubuh_core`'s own functions. What is the model's are the processes, which make the
//! requests of `workflow/steps` in the same order, and the services they ask. Each request is one
//! step, so whatever can happen between two requests does.
//!
//! Nothing here is production code: a model that meets what it did not expect stops loudly.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod chances;
mod check;
mod cloud;
mod cycles;
mod io;
mod model;
mod mutant;
mod people;
mod process;
pub mod properties;
mod rows;
pub mod scenario;
mod start;
mod state;
mod world;

pub use check::{Found, check, hunt};
pub use cycles::{Ends, runs_end};
pub use mutant::Mutant;
pub use scenario::Scenario;
pub use state::Budget;
