//! The sandbox behind HTTP.

mod deliver;
mod keep;

use crate::{
    Bank, Error, Fees, Settings, Tsa,
    bank::{REFUND_PENDING_MS, REFUND_WINDOW_MS},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bubuh_gateway::SecretString;
use bytes::Bytes;
use keep::Keeper;
use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
    task::JoinSet,
};

/// Largest request read, in bytes.
const REQUEST_LIMIT_BYTES: usize = 1 << 20;
/// How long a stopping server waits for calls under way.
const STOP_WAIT: Duration = Duration::from_secs(5);

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
        }
    }
}

/// A sandbox that serves; dropping it stops it at once, [`shutdown`](Self::shutdown) in order.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    tsa: Arc<Tsa>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    stop_keeper: watch::Sender<bool>,
    keeper: JoinSet<()>,
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
        self.shared.with(act).0
    }

    /// Takes no more calls, ends those under way, and returns once all is kept on disk.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        // Last, as the others still make changes while they end.
        self.stop_keeper.send_replace(true);
        while self.keeper.join_next().await.is_some() {}
    }
}

/// Serves on `listener` until the returned handle is dropped or shut down.
///
/// # Errors
/// [`Error`] when the state file can't be read or is in use, or a setting is not legal.
pub async fn serve(listener: TcpListener, config: Config) -> Result<Sandbox, Error> {
    let address = listener
        .local_addr()
        .map_err(Error::io("reading the listener's address"))?;
    let tsa = Arc::new(Tsa::new(&config.server_key)?);
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
    let state = keeper.as_ref().map(Keeper::load).transpose()?;
    let mut bank = Bank::restore(settings, state.unwrap_or_default());
    if let Some(url) = &config.notification_url {
        bank.set_notification_url(url)
            .map_err(|flaw| Error::Setting(flaw.to_owned()))?;
    }
    let client = deliver::client(Duration::from_millis(config.notification_timeout_ms))?;
    let shared = Arc::new(Shared {
        wanted: watch::Sender::new(bank.revision()),
        kept: watch::Sender::new(if keeper.is_some() { 0 } else { u64::MAX }),
        bank: Mutex::new(bank),
        wake: Notify::new(),
    });
    let stop = watch::Sender::new(false);
    let mut tasks = JoinSet::new();
    let router = Router::new()
        .fallback(reply)
        .with_state(shared.clone())
        .merge(Arc::clone(&tsa).router());
    tasks.spawn(answer(listener, router, stop.subscribe()));
    tasks.spawn(deliver::run(client, shared.clone(), stop.subscribe()));
    let stop_keeper = watch::Sender::new(false);
    let mut keeping = JoinSet::new();
    if let Some(keeper) = keeper {
        keeping.spawn(keeper.run(shared.clone(), stop_keeper.subscribe()));
    }
    Ok(Sandbox {
        address,
        shared,
        tsa,
        stop,
        tasks,
        stop_keeper,
        keeper: keeping,
    })
}

/// What the tasks share.
#[derive(Debug)]
struct Shared {
    bank: Mutex<Bank>,
    /// The bank's revision.
    wanted: watch::Sender<u64>,
    /// The revision on disk.
    kept: watch::Sender<u64>,
    /// Told after each change, for the delivery loop.
    wake: Notify,
}

impl Shared {
    /// Acts on the bank, and gives its revision after that.
    fn with<R>(&self, act: impl FnOnce(&mut Bank, u64) -> R) -> (R, u64) {
        let mut bank = self.bank.lock().unwrap_or_else(PoisonError::into_inner);
        let now_ms = now_ms();
        bank.advance(now_ms);
        let result = act(&mut bank, now_ms);
        let revision = bank.revision();
        drop(bank);
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
    async fn kept(&self, revision: u64) {
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

fn clock_seed() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    // The low bits are the ones that differ.
    (since.as_nanos() & u128::from(u64::MAX)) as u64
}

async fn answer(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    let mut stopped = stop.clone();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        let _ = stop.wait_for(|stop| *stop).await;
    });
    let overdue = async move {
        let _ = stopped.wait_for(|stop| *stop).await;
        tokio::time::sleep(STOP_WAIT).await;
    };
    tokio::select! {
        _ = server.into_future() => {}
        () = overdue => {}
    }
}

async fn reply(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, REQUEST_LIMIT_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let request = axum::http::Request::from_parts(head, body);
    let (outcome, revision) = shared.with(|bank, now_ms| bank.handle(now_ms, &request));
    // A bank does not say what it might forget.
    shared.kept(revision).await;
    if outcome.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(outcome.delay_ms)).await;
    }
    outcome
        .response
        .map_or_else(broken, |response| response.map(Body::from))
}

/// A reply that breaks the connection: its body is promised and never comes.
fn broken() -> Response {
    let error = std::io::Error::other("sandbox fault");
    let body = futures::stream::once(async { Err::<Bytes, _>(error) });
    Response::new(Body::from_stream(body))
}
