//! The `bubuh` command as a library, so that tests start the very stack a person starts.

pub mod books;
pub mod client;
pub mod commands;
pub mod desk;
pub mod error;
mod identity;
mod password;
pub mod progress;
pub mod reconcile;
pub mod sample;
pub mod stack;
pub mod submit;

pub use error::Error;
