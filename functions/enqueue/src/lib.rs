//! The enqueue function: takes documents in. It has two entries: HTTP, for owners, and the uploads
//! queue, for what storage and the other functions say.

mod chunks;
mod documents;
pub mod http_entry;
pub mod openapi;
mod page;
mod queue;
pub mod uploads;
mod verify;
mod view;
