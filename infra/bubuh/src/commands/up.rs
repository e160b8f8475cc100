//! `bubuh up`: the whole service on this machine, until it is told to stop.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::Error;
use crate::progress::Progress;
use crate::stack::{Gateway, Options, Stack, Stamps, Tsa, ready::Ready};

/// The account of the token in the ready line.
const DEVELOPER: &str = "developer";

/// Arguments of `bubuh up`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Port of the API and the portal on 127.0.0.1; any free one if not given
    #[arg(long)]
    port: Option<u16>,
    /// Keep everything in this directory and go on from there the next time
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Whose API the payment sandbox is spoken to with
    #[arg(long, value_enum, default_value_t)]
    gateway: Gateway,
    /// Whose stamps they are
    #[arg(long, value_enum, default_value_t)]
    issuer: Stamps,
    /// Have stamps time-stamped by this authority
    #[arg(long, value_enum)]
    tsa: Option<Tsa>,
    /// Print the ready line as JSON
    #[arg(long)]
    json: bool,
}

/// Starts the stack, prints the ready line, and ends the stack at Ctrl-C or SIGTERM.
///
/// # Errors
/// The stack did not start, died, or did not end in order.
pub async fn run(args: Args) -> Result<ExitCode, Error> {
    let mut stop = Stop::listen()?;
    let progress = Progress::stderr();
    let options = Options {
        port: args.port,
        state: args.state.clone(),
        gateway: args.gateway,
        stamps: args.issuer,
        tsa: args.tsa,
        portal: true,
        progress: progress.clone(),
        ..Options::default()
    };
    let mut stack = tokio::select! {
        stack = Stack::start(options) => stack.inspect_err(|_| progress.finish())?,
        () = stop.asked() => return Ok(ExitCode::SUCCESS),
    };
    // So that `bubuh audit` and the operator's commands find this stack.
    let ready = args
        .state
        .clone()
        .unwrap_or_else(|| PathBuf::from(".bubuh"));
    let ready = Ready::of(&stack).write(&ready)?;
    let token = stack.token(DEVELOPER)?;
    println!(
        "{}",
        if args.json {
            ready_json(&stack, &token)
        } else {
            ready_text(&stack, &token)
        }
    );
    tokio::select! {
        error = stack.failed() => return Err(error),
        () = stop.asked() => {}
    }
    let _ = std::fs::remove_file(&ready); // an address nobody answers does no harm
    progress.step("stopping");
    stack.shutdown().await?;
    Ok(ExitCode::SUCCESS)
}

fn ready_json(stack: &Stack, token: &str) -> String {
    json!({
        "api": stack.api,
        "portal": stack.api,
        "sandbox": stack.sandbox,
        "issuer": stack.issuer,
        "endpoint": stack.endpoint,
        "token": token,
    })
    .to_string()
}

fn ready_text(stack: &Stack, token: &str) -> String {
    format!(
        "ready: portal and api {} sandbox {} issuer {} endpoint {} token {token}",
        stack.api, stack.sandbox, stack.issuer, stack.endpoint
    )
}

struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Stop {
    fn listen() -> Result<Self, Error> {
        let on = |kind| signal(kind).map_err(Error::file("listen for", "signals".as_ref()));
        Ok(Self {
            interrupt: on(SignalKind::interrupt())?,
            terminate: on(SignalKind::terminate())?,
        })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
