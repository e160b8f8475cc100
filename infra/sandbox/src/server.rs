//! The sandbox behind HTTP.

mod config;
mod deliver;
mod http;
mod keep;
mod shared;

pub use config::Config;

use crate::{Bank, Error, Remote, Settings, Tsa};
use axum::Router;
use keep::Keeper;
use shared::Shared;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

/// A sandbox that serves; dropping it stops it at once, [`shutdown`](Self::shutdown) in order.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    bank: Arc<Shared<Bank>>,
    tsa: Arc<Tsa>,
    running: Running,
}

impl Sandbox {
    /// Where it serves, as `http://127.0.0.1:1234`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where its time-stamp authority is asked.
    #[must_use]
    pub fn tsa_url(&self) -> String {
        format!("{}/tsa", self.url())
    }

    /// Its time-stamp authority.
    #[must_use]
    pub fn tsa(&self) -> &Tsa {
        &self.tsa
    }

    /// Looks at the bank, or acts on it, now.
    pub fn with<R>(&self, act: impl FnOnce(&mut Bank, u64) -> R) -> R {
        self.bank.with(act).0
    }

    /// Takes no more calls, ends those under way, and returns once all is kept on disk.
    pub async fn shutdown(self) {
        self.running.end().await;
    }
}

/// The tasks, in the order of their end.
#[derive(Debug)]
struct Running {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    stop_keepers: watch::Sender<bool>,
    keepers: JoinSet<()>,
}

impl Running {
    fn new() -> Self {
        Self {
            stop: watch::Sender::new(false),
            tasks: JoinSet::new(),
            stop_keepers: watch::Sender::new(false),
            keepers: JoinSet::new(),
        }
    }

    /// Sends what a remote side has to send, and keeps it on disk.
    fn start<R: Remote>(
        &mut self,
        remote: R,
        keeper: Option<Keeper>,
        client: &reqwest::Client,
    ) -> Arc<Shared<R>> {
        let shared = Shared::new(remote, keeper.is_some());
        let sending = deliver::run(client.clone(), shared.clone(), self.stop.subscribe());
        self.tasks.spawn(sending);
        if let Some(keeper) = keeper {
            let keeping = keeper.run(shared.clone(), self.stop_keepers.subscribe());
            self.keepers.spawn(keeping);
        }
        shared
    }

    async fn end(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        // Last, as the others still make changes while they end.
        self.stop_keepers.send_replace(true);
        while self.keepers.join_next().await.is_some() {}
    }
}

/// Serves on `listener` until the returned handle is dropped or shut down.
///
/// # Errors
/// [`Error`] when a state file can't be read or is in use, or a setting is not legal.
pub async fn serve(listener: TcpListener, config: Config) -> Result<Sandbox, Error> {
    let address = listener
        .local_addr()
        .map_err(Error::io("reading the listener's address"))?;
    let tsa = Arc::new(Tsa::new(&config.server_key)?);
    let client = deliver::client(Duration::from_millis(config.notification_timeout_ms))?;
    let mut running = Running::new();
    let settings = Settings {
        server_key: config.server_key,
        callback_token: config.callback_token,
        public_url: format!("http://{address}"),
        seed: config.seed,
        retry_scale: config.retry_scale,
        refund_window_ms: config.refund_window_ms,
        refund_pending_ms: config.refund_pending_ms,
        fees: config.fees,
    };
    let keeper = config.state_file.map(Keeper::open).transpose()?;
    let state = keeper.as_ref().map(Keeper::load).transpose()?.flatten();
    let mut bank = Bank::restore(settings, state.unwrap_or_default());
    if let Some(url) = &config.notification_url {
        bank.set_notification_url(url)
            .map_err(|flaw| Error::Setting(flaw.to_owned()))?;
    }
    let bank = running.start(bank, keeper, &client);
    let router = Router::new()
        .fallback(http::reply)
        .with_state(bank.clone())
        .merge(Arc::clone(&tsa).router());
    let answering = http::answer(listener, router, running.stop.subscribe());
    running.tasks.spawn(answering);
    Ok(Sandbox {
        address,
        bank,
        tsa,
        running,
    })
}
