//! Many files, stamped in one go: each at most once, however often the command is run again.
//!
//! A file's key is made of its content, so a run that was killed, repeated or started on another machine meets the
//! documents it made before. The result file only saves calls and answers; nothing rests on it.

mod caller;
mod follow;
mod item;
mod one;
mod result;
mod run;

pub(crate) use item::sides;
pub use item::{Item, Wish, from_manifest, from_paths};
pub use result::{Row, State};
pub use run::{All, Options, Outcome, run};
