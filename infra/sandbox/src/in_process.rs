//! The sandbox without a network.

use crate::{Bank, Remote};
use bubuh_gateway::{Error, Transport};
use bytes::Bytes;
use http::{Request, Response};
use std::sync::{Arc, Mutex, PoisonError};

/// A transport straight into a [`Bank`] or another [`Remote`], under a clock of the caller's. Clones share it.
/// Nothing ever waits: a reply that takes longer than the client's patience is lost at once.
#[derive(Debug)]
pub struct InProcess<C, R = Bank> {
    remote: Arc<Mutex<R>>,
    clock: C,
    patience_ms: u64,
}

impl<C: Clone, R> Clone for InProcess<C, R> {
    fn clone(&self) -> Self {
        Self {
            remote: Arc::clone(&self.remote),
            clock: self.clock.clone(),
            patience_ms: self.patience_ms,
        }
    }
}

impl<C: Fn() -> u64 + Send + Sync, R: Remote> InProcess<C, R> {
    /// `clock` gives milliseconds since the epoch; `patience_ms` is the client's time-out.
    pub fn new(remote: R, clock: C, patience_ms: u64) -> Self {
        Self {
            remote: Arc::new(Mutex::new(remote)),
            clock,
            patience_ms,
        }
    }

    /// Looks at the remote side, or acts on it, at the clock's time.
    pub fn with<T>(&self, act: impl FnOnce(&mut R, u64) -> T) -> T {
        let now_ms = (self.clock)();
        let mut remote = self.remote.lock().unwrap_or_else(PoisonError::into_inner);
        remote.advance(now_ms);
        act(&mut remote, now_ms)
    }
}

impl<C: Fn() -> u64 + Send + Sync, R: Remote> Transport for InProcess<C, R> {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        let outcome = self.with(|remote, now_ms| remote.handle(now_ms, &request));
        match outcome.response {
            Some(response) if outcome.delay_ms < self.patience_ms => Ok(response),
            _ => Err(Error::LostReply("sandbox fault".to_owned())),
        }
    }
}
