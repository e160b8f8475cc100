//! The stamp function: takes documents off the queue and stamps each once.

pub mod handler;
