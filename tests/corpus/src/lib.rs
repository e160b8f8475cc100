//! Stamps real PDF files and asks other readers what they think.

pub mod bench;
pub mod child;
mod files;
pub mod judges;
pub mod pixels;
pub mod runner;
mod stamping;
pub mod table;
pub mod tools;

pub use files::{corpus, pdfs_below, read_with_room};
pub use stamping::{Bench, Outcome};
