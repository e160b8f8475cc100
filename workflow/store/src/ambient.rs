//! Time and randomness, handed in so that a simulation can replace them.

use crate::error::Error;
use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

type Now = dyn Fn() -> u64 + Send + Sync;
type Random = dyn Fn() -> Result<[u8; 16], Error> + Send + Sync;

/// The clock and the source of randomness.
#[derive(Clone)]
pub struct Ambient {
    now: Arc<Now>,
    random: Arc<Random>,
}

impl Ambient {
    /// The machine's clock and the operating system's randomness.
    #[must_use]
    pub fn system() -> Self {
        Self::new(
            || {
                SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .ok()
                    .and_then(|d| u64::try_from(d.as_millis()).ok())
                    .unwrap_or_default()
            },
            || {
                let mut bytes = [0; 16];
                getrandom::fill(&mut bytes).map_err(|e| Error::Unavailable {
                    doing: "randomness",
                    why: e.to_string(),
                })?;
                Ok(bytes)
            },
        )
    }

    /// A clock and a source of randomness of the caller's.
    pub fn new(
        now: impl Fn() -> u64 + Send + Sync + 'static,
        random: impl Fn() -> Result<[u8; 16], Error> + Send + Sync + 'static,
    ) -> Self {
        Self {
            now: Arc::new(now),
            random: Arc::new(random),
        }
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        (self.now)()
    }

    /// 128 unguessable bits.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the system has none to give.
    pub fn random(&self) -> Result<[u8; 16], Error> {
        (self.random)()
    }

    /// A random index below `len`; 0 when `len` is 0.
    ///
    /// # Errors
    /// As [`Ambient::random`].
    pub fn pick(&self, len: usize) -> Result<usize, Error> {
        let [a, b, c, d, ..] = self.random()?;
        let n = u32::from_be_bytes([a, b, c, d]) as usize;
        Ok(n.checked_rem(len).unwrap_or_default())
    }
}
