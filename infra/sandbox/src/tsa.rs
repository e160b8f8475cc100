//! A time-stamp authority beside the bank (RFC 3161), with faults on demand.

use crate::Error;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bubuh_gateway::SecretString;
use bubuh_pdf::{Rejection, TimestampAuthority};
use secrecy::ExposeSecret;
use serde::Deserialize;
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// When its certificates start: long ago, so that they are the same at every start.
const NOT_BEFORE_UNIX_S: i64 = 1_735_689_600;

/// What goes wrong with one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TsaFault {
    /// Its clock is not available.
    NoTime,
    /// It does not permit the request.
    BadRequest,
    /// The answer is to another request.
    WrongNonce,
    /// The answer is for another digest.
    WrongImprint,
    /// The answer is no answer.
    Garbage,
    /// The answer comes after so many milliseconds.
    Slow(u64),
    /// It is down.
    Down,
}

/// The authority.
pub struct Tsa {
    authority: TimestampAuthority,
    serial: AtomicU64,
    faults: Mutex<VecDeque<TsaFault>>,
}

impl std::fmt::Debug for Tsa {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tsa").finish_non_exhaustive()
    }
}

impl Tsa {
    /// The authority of this key: the same key gives the same certificates.
    pub(crate) fn new(key: &SecretString) -> Result<Self, Error> {
        let seed = format!(
            "time-stamp authority of the sandbox {}",
            key.expose_secret()
        );
        let authority = TimestampAuthority::development(NOT_BEFORE_UNIX_S, seed.as_bytes())
            .map_err(|e| Error::Setting(e.to_string()))?;
        Ok(Self {
            authority,
            serial: AtomicU64::new(1),
            faults: Mutex::default(),
        })
    }

    /// The root to be trusted, as PEM.
    #[must_use]
    pub fn root_pem(&self) -> &str {
        self.authority.root_pem()
    }

    /// Lets the next answers go wrong, one each.
    pub fn fail(&self, faults: impl IntoIterator<Item = TsaFault>) {
        let mut waiting = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.extend(faults);
    }

    /// How many requests it has answered, or failed to.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.serial.load(Ordering::Relaxed) - 1
    }

    /// `POST /tsa`; `POST /sandbox/tsa/faults` with a list; `GET /sandbox/tsa/root.pem`.
    pub(crate) fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/tsa", post(answer))
            .route("/sandbox/tsa/faults", post(set_faults))
            .route(
                "/sandbox/tsa/root.pem",
                get(|State(tsa): State<Arc<Self>>| async move { tsa.root_pem().to_owned() }),
            )
            .with_state(self)
    }
}

async fn set_faults(
    State(tsa): State<Arc<Tsa>>,
    axum::Json(faults): axum::Json<Vec<TsaFault>>,
) -> StatusCode {
    tsa.fail(faults);
    StatusCode::NO_CONTENT
}

async fn answer(State(tsa): State<Arc<Tsa>>, query: Bytes) -> Response {
    let serial = tsa.serial.fetch_add(1, Ordering::Relaxed);
    let fault = {
        let mut waiting = tsa.faults.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.pop_front()
    };
    let right = |query: &[u8]| tsa.authority.answer(query, now_unix_s(), serial);
    let body = match fault {
        None => right(&query),
        Some(TsaFault::NoTime) => TimestampAuthority::refuse(Rejection::NoTime, "no clock"),
        Some(TsaFault::BadRequest) => TimestampAuthority::refuse(Rejection::BadRequest, "no"),
        Some(TsaFault::WrongNonce) => right(&changed(&query, &[0x02, 8])),
        Some(TsaFault::WrongImprint) => right(&changed(&query, &[0x04, 32])),
        Some(TsaFault::Garbage) => b"<html>maintenance</html>".to_vec(),
        Some(TsaFault::Slow(wait_ms)) => {
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            right(&query)
        }
        Some(TsaFault::Down) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    (
        [(header::CONTENT_TYPE, "application/timestamp-reply")],
        body,
    )
        .into_response()
}

/// The request with another value after this tag and length.
fn changed(query: &[u8], head: &[u8; 2]) -> Vec<u8> {
    let mut query = query.to_vec();
    let at = query.windows(2).position(|two| two == head);
    // The last byte of a number of eight or more.
    if let Some(byte) = at.and_then(|at| query.get_mut(at + 9)) {
        *byte ^= 1;
    }
    query
}

fn now_unix_s() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
