//! The sandbox as a program: prints one JSON line when ready, and stops on SIGINT or SIGTERM.

use bubuh_sandbox::{Config, Error, serve};
use clap::Parser;
use std::{path::PathBuf, process::ExitCode};
use tokio::{net::TcpListener, signal};

/// A payment gateway with Midtrans's and Xendit's HTTP APIs, for tests and demonstrations. Serves 127.0.0.1 only.
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
    let name = &options.server_key_env;
    let server_key = std::env::var(name)
        .ok()
        .filter(|key| !key.is_empty())
        .ok_or_else(|| Error::Setting(format!("the environment variable {name} holds no key")))?;
    let mut config = Config::new(server_key.into());
    config.callback_token = std::env::var(&options.callback_token_env)
        .ok()
        .filter(|token| !token.is_empty())
        .map(Into::into);
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
