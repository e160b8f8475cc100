//! The whole service on this machine: emulator, functions, payment sandbox, token issuer, one origin.

mod aws;
mod bare;
mod build;
mod cloudformation;
mod deploy;
mod emulator;
mod faults;
mod front;
pub mod home;
mod issuer;
mod lambda;
mod portal;
mod ports;
mod processes;
mod python;
pub mod ready;
mod template;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use axum::Router;
use bubuh_gateway::SecretString;
use bubuh_sandbox::{IssuerConfig, Sandbox};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub use bare::Bare;

use crate::Error;
use crate::progress::Progress;
use deploy::{Local, deploy};
use emulator::Emulator;
use faults::FaultProxy;
use home::Home;
use issuer::Issuer;
use portal::Portal;
use ports::{Ports, url_of};

/// The region the local stack plays: the one nearest to its users.
pub(crate) const REGION: &str = "ap-southeast-3";
/// The account the emulator plays.
pub(crate) const ACCOUNT: &str = "000000000000";
/// Days until the sandbox must have paid a payment out.
pub(crate) const SETTLEMENT_DAYS: u64 = 5;
const STACK: &str = "bubuh";
const GATEWAY_SECRET: &str = "bubuh/gateway";
const SIGNING_SECRET: &str = "bubuh/signing";
const ISSUER_SECRET: &str = "bubuh/issuer";
/// The account at the sandbox's issuer.
const DISTRIBUTOR: &str = "distributor";
/// Serials that the sandbox's issuer has for us.
const BALANCE: u64 = 1_000_000;
/// How long the sandbox's issuer takes for a batch, in milliseconds.
const BATCH_DELAY_MS: u64 = 200;
/// Sweeps in which a sandbox's issuer brings the first serials.
const FIRST_SWEEPS: usize = 6;

/// Whose API functions and sandbox speak.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Gateway {
    /// Midtrans's.
    #[default]
    Midtrans,
    /// Xendit's.
    Xendit,
}

impl Gateway {
    const fn name(self) -> &'static str {
        match self {
            Self::Midtrans => "midtrans",
            Self::Xendit => "xendit",
        }
    }
}

/// Whose stamps they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Stamps {
    /// The embedded issuer's.
    #[default]
    Embedded,
    /// The sandbox's, through Peruri's API; serials are asked for in batches, documents sent to its hosted adapter.
    PeruriSandbox,
    /// The same, but for documents, which an adapter beside us signs in a shared folder.
    PeruriSandboxOnPremises,
}

/// A time-stamp authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Tsa {
    /// The sandbox's.
    Sandbox,
}

/// How to start a stack. The default keeps nothing and takes any free ports.
#[derive(Debug)]
pub struct Options {
    /// Port of the one origin on 127.0.0.1; any free one if `None`.
    pub port: Option<u16>,
    /// Directory that outlives the run; a temporary one if `None`.
    pub state: Option<PathBuf>,
    /// Template parameters beyond, or instead of, the local ones.
    pub parameters: BTreeMap<String, String>,
    /// Whose API the payment sandbox is spoken to with.
    pub gateway: Gateway,
    /// Whose stamps they are.
    pub stamps: Stamps,
    /// Who time-stamps the stamps, if anybody.
    pub tsa: Option<Tsa>,
    /// Factor on the payment sandbox's waits between notifications: 1.0 is the real gateway's.
    pub payment_retry_scale: f64,
    /// Whether functions, and the links they sign, reach AWS through a proxy that makes faults on
    /// demand ([`Stack::fault_proxy`]). Not with an endpoint of somebody else's.
    pub fault_proxy: bool,
    /// Whether the portal's page preview and verifier are made ready, as far as this machine can.
    pub portal: bool,
    /// Where progress is told.
    pub progress: Progress,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: None,
            state: None,
            parameters: BTreeMap::new(),
            gateway: Gateway::default(),
            stamps: Stamps::default(),
            tsa: None,
            payment_retry_scale: 1.0 / 60.0, // minutes become seconds
            fault_proxy: false,
            portal: false,
            progress: Progress::Silent,
        }
    }
}

/// A running stack. [`shutdown`](Self::shutdown) ends it in order; a drop kills it.
#[derive(Debug)]
pub struct Stack {
    /// The one origin: the API is under `/v1/`, the portal under `/`.
    pub api: String,
    /// The AWS endpoint.
    pub endpoint: String,
    /// The payment sandbox.
    pub sandbox: String,
    /// The OIDC issuer.
    pub issuer: String,
    /// The template's outputs by name.
    pub outputs: BTreeMap<String, String>,
    signer: Arc<Issuer>,
    emulator: Option<Emulator>,
    fault_proxy: Option<FaultProxy>,
    payments: Sandbox,
    servers: JoinSet<()>,
    // Last: its directory goes when nothing uses it any more.
    home: Home,
}

impl Stack {
    /// Builds the functions, starts everything and deploys the template.
    ///
    /// With `AWS_ENDPOINT_URL` set, that endpoint is used instead of an emulator of our own.
    ///
    /// # Errors
    /// See [`Error`]; whatever had been started is stopped again.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let progress = &options.progress;
        let home = Home::open(options.state.as_deref())?;
        let ports = Ports::open(&home, options.port).await?;
        let (api, issuer, sandbox) = (
            url_of(&ports.api)?,
            url_of(&ports.issuer)?,
            url_of(&ports.sandbox)?,
        );
        let signer = Arc::new(Issuer::open(&home.dir, &issuer, &api)?);
        let mut servers = JoinSet::new();
        serve(&mut servers, ports.issuer, Arc::clone(&signer).router());
        let server_key = server_key(&home)?;
        let gateway = options.gateway.name();
        let remote = options.stamps != Stamps::Embedded;
        let shared = home.file("adapter");
        let shared = (options.stamps == Stamps::PeruriSandboxOnPremises).then_some(shared);
        let distributor = remote.then(|| IssuerConfig {
            balance: BALANCE,
            batch_delay_ms: BATCH_DELAY_MS,
            shared_folder: shared.clone(),
            ..IssuerConfig::new(DISTRIBUTOR, SecretString::from(server_key.clone()))
        });
        let payments = bubuh_sandbox::serve(
            ports.sandbox,
            bubuh_sandbox::Config {
                notification_url: Some(format!("{api}/v1/payments/{gateway}/notifications")),
                callback_token: Some(SecretString::from(format!("{server_key}-callback"))),
                state_file: home.keeps_state.then(|| home.file("sandbox.json")),
                retry_scale: options.payment_retry_scale,
                issuer: distributor,
                ..bubuh_sandbox::Config::new(SecretString::from(server_key.clone()))
            },
        )
        .await?;

        let external = std::env::var("AWS_ENDPOINT_URL")
            .ok()
            .filter(|url| !url.is_empty());
        let (packages, python) = tokio::try_join!(build::packages(&home.root, progress), async {
            match external {
                Some(_) => Ok(None),
                None => python::ensure(&python::EMULATOR, &home, progress)
                    .await
                    .map(Some),
            }
        })?;
        if options.portal {
            portal::prepare(&home.root, progress).await;
        }
        let (mut emulator, mut fault_proxy) = (None, None);
        let endpoint = match (external, python) {
            (None, Some(python)) => {
                let endpoint = format!("http://127.0.0.1:{}", ports.emulator);
                if options.fault_proxy {
                    let python = python::ensure(&python::FAULT_PROXY, &home, progress).await?;
                    let port = Ports::free().await?;
                    fault_proxy = Some(FaultProxy::start(&python, &home, port, &endpoint).await?);
                }
                progress.step("starting the local emulator");
                let seen = fault_proxy.as_ref().map_or(&*endpoint, FaultProxy::url);
                let started = Emulator::start(&python, &home, ports.emulator, seen).await?;
                emulator = Some(started);
                endpoint
            }
            (external, _) => external
                .unwrap_or_default()
                .trim_end_matches('/')
                .to_owned(),
        };
        progress.step("deploying the template");
        let local = Local {
            api: &api,
            issuer: &issuer,
            sandbox: &sandbox,
            server_key: &server_key,
            gateway,
            stamps: remote.then_some((&payments, server_key.as_str())),
            adapter_folder: shared.as_deref(),
            tsa: options.tsa.map(|Tsa::Sandbox| &payments),
        };
        let swept = options.parameters.get("SweepState").map(String::as_str) != Some("DISABLED");
        let outputs = deploy(&home, &endpoint, &packages, &local, options.parameters).await?;
        let output = |name: &str| outputs.get(name).map_or("", String::as_str);
        // The schedule's first minute of sweeping is up to a minute away: until then there would be no serials, and
        // nothing that was lost would be found.
        progress.step("making the first serials");
        first_serials(&endpoint, output("SweepFunction"), options.stamps).await?;
        if swept {
            lambda::start(&endpoint, output("SweepFunction"), &json!({})).await?;
        }
        let roots = json!({
            "issuers": deploy::roots(&home.identity()?.root_pem, Some(&payments)),
            "authorities": options.tsa.map(|Tsa::Sandbox| payments.tsa().root_pem()).unwrap_or_default(),
        });
        serve(
            &mut servers,
            ports.api,
            front::router(
                direct(&endpoint, output("ApiId")),
                &endpoint,
                Portal::new(&home.root, &endpoint, &issuer, &sandbox, &roots),
            ),
        );
        progress.finish();
        Ok(Self {
            api,
            endpoint,
            sandbox,
            issuer,
            outputs,
            signer,
            emulator,
            fault_proxy,
            payments,
            servers,
            home,
        })
    }

    /// A bearer token for the account `sub`, valid for a week.
    ///
    /// # Errors
    /// The signature could not be made.
    pub fn token(&self, sub: &str) -> Result<String, Error> {
        self.token_for(sub, "")
    }

    /// The same, for these scopes (`bubuh/documents.read bubuh/documents.write`) and nothing else.
    ///
    /// # Errors
    /// The signature could not be made.
    pub fn token_for(&self, sub: &str, scope: &str) -> Result<String, Error> {
        self.signer.token(sub, scope)
    }

    /// The API without the one origin in front: a hop less, for load.
    #[must_use]
    pub fn direct_api(&self) -> String {
        direct(&self.endpoint, self.output("ApiId"))
    }

    /// An output of the template; empty if there is none of that name.
    #[must_use]
    pub fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }

    /// Configuration for AWS clients of this stack's endpoint.
    #[must_use]
    pub fn aws_config(&self) -> SdkConfig {
        aws::config(&self.endpoint)
    }

    /// The payment sandbox's bank and controls.
    #[must_use]
    pub fn payments(&self) -> &Sandbox {
        &self.payments
    }

    /// The buyer pays an order at the payment sandbox.
    ///
    /// # Errors
    /// [`Error::Pay`] when the sandbox has no such charge.
    pub fn pay(&self, order: &str) -> Result<(), Error> {
        self.payments
            .with(|bank, now_ms| bank.pay(now_ms, order, bubuh_sandbox::Pay::default()))
            .map(|_| ())
            .map_err(Error::Pay)
    }

    /// One pass of the sweep, now, beside those of the schedule.
    ///
    /// # Errors
    /// [`Error::Aws`] when the function failed.
    pub async fn sweep(&self) -> Result<(), Error> {
        let once = json!({"once": true});
        let sweep = self.output("SweepFunction");
        lambda::invoke(&self.endpoint, sweep, &once)
            .await
            .map(|_| ())
    }

    /// The root certificates that this stack's stamps lead to.
    ///
    /// # Errors
    /// [`Error::Identity`].
    pub async fn roots(&self) -> Result<Vec<Vec<u8>>, Error> {
        let wrong = |e: String| Error::Identity(format!("the signing identity can't be read: {e}"));
        let aws = bubuh_store::Aws::new(self.aws_config());
        let secret = aws
            .secret(SIGNING_SECRET)
            .await
            .map_err(|e| wrong(e.to_string()))?;
        let secret: serde_json::Value =
            serde_json::from_str(&secret).map_err(|_| wrong("it is no JSON".to_owned()))?;
        let root = secret
            .get("root_pem")
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default();
        bubuh_pdf::certificates_from_pem(root).map_err(|e| wrong(e.to_string()))
    }

    /// What emulator and functions logged so far.
    #[must_use]
    pub fn logs(&self) -> String {
        std::fs::read_to_string(self.home.file("emulator.log")).unwrap_or_default()
    }

    /// Where its books are.
    #[must_use]
    pub fn place(&self) -> crate::books::Place {
        ready::Ready::of(self).place()
    }

    /// Process ids that serve the function of that output, such as `StampFunction`, so that a test
    /// can kill one. Linux only; empty elsewhere and with an endpoint of somebody else's.
    #[must_use]
    pub fn bootstraps(&self, output: &str) -> Vec<u32> {
        self.emulator_pid().map_or_else(Vec::new, |pid| {
            processes::of_function(pid, self.output(output))
        })
    }

    /// The emulator's process id, so that a test can hold it up; none with an endpoint of somebody
    /// else's.
    #[must_use]
    pub fn emulator_pid(&self) -> Option<u32> {
        self.emulator.as_ref().and_then(Emulator::pid)
    }

    /// The fault proxy between functions and AWS, if one was asked for.
    #[must_use]
    pub fn fault_proxy(&self) -> Option<&str> {
        self.fault_proxy.as_ref().map(FaultProxy::url)
    }

    /// Waits until the emulator stops by itself, which it should not; for ever if it is not ours.
    pub async fn failed(&mut self) -> Error {
        match &mut self.emulator {
            Some(emulator) => emulator.died().await,
            None => std::future::pending().await,
        }
    }

    /// Ends everything in order: functions, then the emulator after it has saved, then our servers.
    ///
    /// # Errors
    /// The emulator did not end in order, so state may not have been saved.
    pub async fn shutdown(mut self) -> Result<(), Error> {
        let ended = match self.emulator.take() {
            Some(emulator) => emulator.stop().await,
            None => Ok(()),
        };
        self.payments.shutdown().await;
        self.servers.shutdown().await;
        ended
    }
}

/// Has the sweep called until it brings serials, or has had every chance to: an issuer that keeps books is searched first,
/// then asked, and makes them later.
async fn first_serials(endpoint: &str, sweep: &str, stamps: Stamps) -> Result<(), Error> {
    let sweeps = match stamps {
        Stamps::Embedded => 1,
        Stamps::PeruriSandbox | Stamps::PeruriSandboxOnPremises => FIRST_SWEEPS,
    };
    let once = json!({"once": true});
    for _ in 0..sweeps {
        let swept = lambda::invoke(endpoint, sweep, &once).await?;
        if swept.get("minted").and_then(serde_json::Value::as_u64) > Some(0) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(BATCH_DELAY_MS)).await;
    }
    Ok(())
}

fn direct(endpoint: &str, api_id: &str) -> String {
    format!("{endpoint}/_aws/execute-api/{api_id}/$default")
}

fn serve(servers: &mut JoinSet<()>, listener: TcpListener, router: Router) {
    servers.spawn(async move {
        let _ = axum::serve(listener, router).await; // ends only when it is aborted
    });
}

/// The gateway's key, made once for a state.
fn server_key(home: &Home) -> Result<String, Error> {
    let bytes = home::private_file(&home.dir, "server-key", || {
        let mut bytes = [0; 24];
        getrandom::fill(&mut bytes).map_err(|e| Error::Key {
            what: "make",
            detail: e.to_string(),
        })?;
        Ok(format!("SB-Mid-server-{}", hex::encode(bytes)).into_bytes())
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
