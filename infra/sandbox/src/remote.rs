//! What the sandbox stands in for.

use crate::{Delivered, Due, Outcome};
use bytes::Bytes;
use http::Request;
use serde::{Serialize, de::DeserializeOwned};

/// One remote side, as the server and [`InProcess`](crate::InProcess) serve it. It reads no clock, draws no random
/// number and does no I/O: the same calls at the same times give the same replies.
pub trait Remote: Send + 'static {
    /// All it knows, to be stored and restored.
    type Snapshot: Serialize + DeserializeOwned;

    /// Lets everything happen that is due by now.
    fn advance(&mut self, now_ms: u64);

    /// Answers one request, of its API or of its controls.
    fn handle(&mut self, now_ms: u64, request: &Request<Bytes>) -> Outcome;

    /// All it knows.
    fn snapshot(&self) -> &Self::Snapshot;

    /// Grows with each change of [`snapshot`](Self::snapshot).
    fn revision(&self) -> u64;

    /// When it does something by itself next.
    fn next_event_ms(&self) -> Option<u64>;

    /// What to send now, in this order.
    fn due(&mut self, now_ms: u64) -> Vec<Due>;

    /// What became of an attempt to send.
    fn delivered(&mut self, now_ms: u64, id: u64, met: Delivered);
}
