//! A remote side that several tasks serve.

use crate::Remote;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::sync::{Notify, watch};

/// What the tasks of one remote side share.
#[derive(Debug)]
pub(super) struct Shared<R> {
    pub(super) remote: Mutex<R>,
    /// Its revision.
    pub(super) wanted: watch::Sender<u64>,
    /// The revision on disk.
    pub(super) kept: watch::Sender<u64>,
    /// Told after each change, for the delivery loop.
    pub(super) wake: Notify,
}

impl<R: Remote> Shared<R> {
    /// `keeps` tells whether there is a disk to wait for.
    pub(super) fn new(remote: R, keeps: bool) -> Arc<Self> {
        Arc::new(Self {
            wanted: watch::Sender::new(remote.revision()),
            kept: watch::Sender::new(if keeps { 0 } else { u64::MAX }),
            remote: Mutex::new(remote),
            wake: Notify::new(),
        })
    }

    /// Acts on it, and gives its revision after that.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut R, u64) -> T) -> (T, u64) {
        let mut remote = self.remote.lock().unwrap_or_else(PoisonError::into_inner);
        let now_ms = now_ms();
        remote.advance(now_ms);
        let result = act(&mut remote, now_ms);
        let revision = remote.revision();
        drop(remote);
        let raised = self.wanted.send_if_modified(|wanted| {
            let newer = revision > *wanted;
            *wanted = revision.max(*wanted);
            newer
        });
        if raised {
            self.wake.notify_one();
        }
        (result, revision)
    }

    /// Returns once this revision is on disk.
    pub(super) async fn kept(&self, revision: u64) {
        let _ = self
            .kept
            .subscribe()
            .wait_for(|kept| *kept >= revision)
            .await;
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
