//! One file for each subcommand: its arguments, and `run`, which answers the exit code.

pub mod at;
pub mod audit;
pub mod case;
pub mod demo;
pub mod desk;
pub mod reconcile;
pub mod sales;
pub mod simulate;
pub mod stamp;
pub mod submit;
pub mod up;
pub mod verify;
