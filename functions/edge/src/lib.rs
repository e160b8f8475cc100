//! What every function does at its edge: errors as problems, who calls, batches of messages, logs.

pub mod address;
pub mod answer;
pub mod api;
pub mod batch;
pub mod body;
pub mod caller;
pub mod gateway;
pub mod log;
pub mod operator;
pub mod problem;
mod scope;
pub mod serve;
pub mod settlement;
pub mod share;
pub mod time;
pub mod webhooks;

pub use address::{At, AtBoth};
pub use body::{Body, MaybeBody};
pub use caller::{Caller, Key};
pub use operator::Operator;
pub use problem::Problem;
