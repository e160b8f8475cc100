//! Stamps real PDF files and asks other readers what they think.

mod files;
mod stamping;
pub mod tools;

pub use files::{corpus, pdfs_below};
pub use stamping::{Bench, Outcome};
