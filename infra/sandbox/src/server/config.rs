//! How the sandbox is served.

use crate::{
    Fees,
    bank::{REFUND_PENDING_MS, REFUND_WINDOW_MS},
    issuer::BATCH_DELAY_MS,
};
use bubuh_gateway::SecretString;
use std::{
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

/// How to serve.
#[derive(Debug, Clone)]
pub struct Config {
    /// The key that calls must carry and Midtrans's notifications are signed with.
    pub server_key: SecretString,
    /// The token that Xendit's notifications carry; none is sent unless set.
    pub callback_token: Option<SecretString>,
    /// Where notifications go, unless set later; the state file's, if absent.
    pub notification_url: Option<String>,
    /// Where the bank is kept: written before each reply, by rename; in memory only, if absent.
    pub state_file: Option<PathBuf>,
    /// Factor on the waits between notifications: 1.0 is the real gateway's 2 to 210 minutes.
    pub retry_scale: f64,
    /// How long after its payment a QRIS payment can be refunded, in milliseconds.
    pub refund_window_ms: u64,
    /// How long a refund asked through Xendit's API is pending, in milliseconds.
    pub refund_pending_ms: u64,
    /// What it keeps of a payment.
    pub fees: Fees,
    /// Where ids start; from the clock unless set, so that a bank without a past does not repeat
    /// another's ids.
    pub seed: u64,
    /// How long a notification waits for its answer, in milliseconds: 15 s at the real gateway.
    pub notification_timeout_ms: u64,
    /// An issuer beside the bank; none, if absent. It is kept beside the bank's state file.
    pub issuer: Option<IssuerConfig>,
}

/// How to serve an issuer.
#[derive(Debug, Clone)]
pub struct IssuerConfig {
    /// Who may log in.
    pub user: String,
    /// The user's password.
    pub password: SecretString,
    /// How many serials can be minted at first; what was kept on disk goes before it.
    pub balance: u64,
    /// How long after a batch was asked its result is posted, in milliseconds.
    pub batch_delay_ms: u64,
    /// What the API calls `/sharefolder/`, for the on-premises form; without it there is no file to sign there.
    pub shared_folder: Option<PathBuf>,
}

impl IssuerConfig {
    /// A thousand serials, two seconds for a batch, no shared folder.
    #[must_use]
    pub fn new(user: impl Into<String>, password: SecretString) -> Self {
        Self {
            user: user.into(),
            password,
            balance: 1_000,
            batch_delay_ms: BATCH_DELAY_MS,
            shared_folder: None,
        }
    }
}

impl Config {
    /// The real gateway's times; nothing kept on disk.
    #[must_use]
    pub fn new(server_key: SecretString) -> Self {
        Self {
            server_key,
            callback_token: None,
            notification_url: None,
            state_file: None,
            retry_scale: 1.0,
            refund_window_ms: REFUND_WINDOW_MS,
            refund_pending_ms: REFUND_PENDING_MS,
            fees: Fees::default(),
            seed: clock_seed(),
            notification_timeout_ms: 15_000,
            issuer: None,
        }
    }
}

fn clock_seed() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    // The low bits are the ones that differ.
    (since.as_nanos() & u128::from(u64::MAX)) as u64
}
