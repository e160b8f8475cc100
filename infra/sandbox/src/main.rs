//! The sandbox as a program: prints one JSON line when ready, and stops on SIGINT or SIGTERM.

use bubuh_sandbox::{Config, Error, IssuerConfig, serve};
use clap::Parser;
use std::{path::PathBuf, process::ExitCode};
use tokio::{net::TcpListener, signal};

/// A payment gateway with Midtrans's and Xendit's HTTP APIs, and with --issuer-user an e-Meterai issuer, for tests and
/// demonstrations. Serves 127.0.0.1 only.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// Port; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// File that keeps the bank over restarts.
    #[arg(long)]
    state: Option<PathBuf>,
    /// Environment variable that holds the server key.
    #[arg(long, default_value = "SANDBOX_SERVER_KEY")]
    server_key_env: String,
    /// Environment variable that holds the token of Xendit's notifications, if it is set.
    #[arg(long, default_value = "SANDBOX_CALLBACK_TOKEN")]
    callback_token_env: String,
    /// Where notifications go; can be set later by PUT /sandbox/notification-url.
    #[arg(long)]
    notification_url: Option<String>,
    /// Factor on the waits between notifications (1 = 2 to 210 minutes).
    #[arg(long, default_value_t = 1.0)]
    retry_scale: f64,
    /// Serves an issuer, too, at which this user may log in.
    #[arg(long)]
    issuer_user: Option<String>,
    /// Environment variable that holds the user's password.
    #[arg(long, default_value = "SANDBOX_ISSUER_PASSWORD")]
    issuer_password_env: String,
    /// How many serials the issuer mints at first.
    #[arg(long, default_value_t = 1_000)]
    issuer_balance: u64,
    /// How long a batch of serials takes, in milliseconds.
    #[arg(long, default_value_t = 2_000)]
    issuer_batch_delay_ms: u64,
    /// Folder that the issuer's on-premises form calls /sharefolder/.
    #[arg(long)]
    issuer_shared_folder: Option<PathBuf>,
}

/// What this environment variable holds.
fn secret(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// The same, where there must be something.
fn needed(name: &str) -> Result<String, Error> {
    let missing = || Error::Setting(format!("the environment variable {name} holds nothing"));
    secret(name).ok_or_else(missing)
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Error> {
    let mut config = Config::new(needed(&options.server_key_env)?.into());
    config.callback_token = secret(&options.callback_token_env).map(Into::into);
    if let Some(user) = options.issuer_user {
        let password = needed(&options.issuer_password_env)?.into();
        config.issuer = Some(IssuerConfig {
            balance: options.issuer_balance,
            batch_delay_ms: options.issuer_batch_delay_ms,
            shared_folder: options.issuer_shared_folder,
            ..IssuerConfig::new(user, password)
        });
    }
    config.notification_url = options.notification_url;
    config.state_file = options.state;
    config.retry_scale = options.retry_scale;
    let io = |what| move |source| Error::Io { what, source };
    let listener = TcpListener::bind(("127.0.0.1", options.port))
        .await
        .map_err(io("binding the port"))?;
    let sandbox = serve(listener, config).await?;
    println!("{}", serde_json::json!({ "sandbox": sandbox.url() }));
    let mut end =
        signal::unix::signal(signal::unix::SignalKind::terminate()).map_err(io("signals"))?;
    tokio::select! {
        interrupted = signal::ctrl_c() => interrupted.map_err(io("signals"))?,
        _ = end.recv() => {}
    }
    sandbox.shutdown().await;
    Ok(())
}
