//! The sandbox without a network.

use crate::Bank;
use bubuh_gateway::{Error, Transport};
use bytes::Bytes;
use http::{Request, Response};
use std::sync::{Arc, Mutex, PoisonError};

/// A transport straight into a [`Bank`], under a clock of the caller's. Clones share the bank.
/// Nothing ever waits: a reply that takes longer than the client's patience is lost at once.
#[derive(Debug, Clone)]
pub struct InProcess<C> {
    bank: Arc<Mutex<Bank>>,
    clock: C,
    patience_ms: u64,
}

impl<C: Fn() -> u64 + Send + Sync> InProcess<C> {
    /// `clock` gives milliseconds since the epoch; `patience_ms` is the client's time-out.
    pub fn new(bank: Bank, clock: C, patience_ms: u64) -> Self {
        Self {
            bank: Arc::new(Mutex::new(bank)),
            clock,
            patience_ms,
        }
    }

    /// Looks at the bank, or acts on it, at the clock's time.
    pub fn with<R>(&self, act: impl FnOnce(&mut Bank, u64) -> R) -> R {
        let now_ms = (self.clock)();
        let mut bank = self.bank.lock().unwrap_or_else(PoisonError::into_inner);
        bank.advance(now_ms);
        act(&mut bank, now_ms)
    }
}

impl<C: Fn() -> u64 + Send + Sync> Transport for InProcess<C> {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        let outcome = self.with(|bank, now_ms| bank.handle(now_ms, &request));
        match outcome.response {
            Some(response) if outcome.delay_ms < self.patience_ms => Ok(response),
            _ => Err(Error::LostReply("sandbox fault".to_owned())),
        }
    }
}
