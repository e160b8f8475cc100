//! The sandbox behind HTTP.

mod config;
mod deliver;
mod desk;
mod http;
mod keep;
mod shared;
mod shared_folder;

pub use config::{Config, IssuerConfig};

use crate::{Bank, Error, Issuer, Remote, Settings, Tsa, issuer};
use axum::Router;
use desk::Desk;
use http::Served;
use keep::{Keeper, beside};
use shared::Shared;
use shared_folder::SharedFolder;
use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

/// A sandbox that serves; dropping it stops it at once, [`shutdown`](Self::shutdown) in order.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    bank: Arc<Shared<Bank>>,
    desk: Option<Arc<Desk>>,
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

    /// The root that the issuer's stamps lead to, as PEM; nothing without an issuer.
    #[must_use]
    pub fn issuer_root_pem(&self) -> Option<&str> {
        self.desk.as_deref().map(Desk::root_pem)
    }

    /// Looks at the bank, or acts on it, now.
    pub fn with<R>(&self, act: impl FnOnce(&mut Bank, u64) -> R) -> R {
        self.bank.with(act).0
    }

    /// Looks at the issuer, or acts on it, now; nothing without an issuer.
    pub fn with_issuer<R>(&self, act: impl FnOnce(&mut Issuer, u64) -> R) -> Option<R> {
        let desk = self.desk.as_deref()?;
        Some(desk.issuer().with(act).0)
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
    let public_url = format!("http://{address}");
    let tsa = Arc::new(Tsa::new(&config.server_key)?);
    let client = deliver::client(Duration::from_millis(config.notification_timeout_ms))?;
    let mut running = Running::new();
    let desk = match config.issuer {
        None => None,
        Some(wanted) => {
            let state_file = config.state_file.as_ref();
            let settings = issuer::Settings {
                balance: wanted.balance,
                batch_delay_ms: wanted.batch_delay_ms,
                public_url: public_url.clone(),
                seed: config.seed,
                ..issuer::Settings::new(wanted.user, wanted.password, config.server_key.clone())
            };
            let (keeper, issuer) = open(settings, state_file.map(|path| beside(path, "issuer")))?;
            let folder = wanted.shared_folder.as_deref().map(SharedFolder::open);
            let root_pem = issuer.root_pem().to_owned();
            let shared = running.start(issuer, keeper, &client);
            Some(Arc::new(Desk::new(shared, folder.transpose()?, root_pem)))
        }
    };
    let settings = Settings {
        server_key: config.server_key,
        callback_token: config.callback_token,
        public_url,
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
        .with_state(Served {
            bank: bank.clone(),
            desk: desk.clone(),
        })
        .merge(Arc::clone(&tsa).router());
    let answering = http::answer(listener, router, running.stop.subscribe());
    running.tasks.spawn(answering);
    Ok(Sandbox {
        address,
        bank,
        desk,
        tsa,
        running,
    })
}

/// The issuer as it was kept; one without a past, if nothing was.
fn open(
    settings: issuer::Settings,
    state_file: Option<PathBuf>,
) -> Result<(Option<Keeper>, Issuer), Error> {
    let keeper = state_file.map(Keeper::open).transpose()?;
    let state = keeper.as_ref().map(Keeper::load).transpose()?.flatten();
    let issuer = match state {
        Some(state) => Issuer::restore(settings, state)?,
        None => Issuer::new(settings)?,
    };
    Ok((keeper, issuer))
}
