//! Adapters: the only crate in which rules meet AWS.
//!
//! [`Table`] carries out the rules' [writes](bubuh_core::write::Write), [`Files`] keeps uploads and
//! stamped files, [`Queues`] sends messages. Nothing here decides; nothing here holds state.

pub mod ambient;
pub mod error;
pub mod files;
pub mod issuer;
mod keys;
mod kms;
pub mod queues;
mod row;
pub mod settings;
pub mod settlements;
pub mod table;
pub mod workflows;

pub use ambient::Ambient;
pub use error::Error;
pub use files::Files;
pub use kms::KmsKey;
pub use queues::{Message, QueueUrls, Queues};
pub use settings::{Aws, number, number_or, optional, setting};
pub use settlements::Settlements;
pub use table::{Due, Table};
pub use workflows::Workflows;
