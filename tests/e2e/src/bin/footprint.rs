//! Size, memory and cold start of each function: `cargo run --release --bin footprint`.
//!
//! Cold start is the time from starting the process to its first call of Lambda's runtime API,
//! secrets read on the way included. The functions are built first, in the profile that is deployed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use axum::{Json, Router, extract::State, routing::get};
use serde_json::{Value, json};
use std::{
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Instant,
};
use tokio::{net::TcpListener, sync::Notify};

const RUNS: usize = 11;

struct Host {
    polled: Notify,
    secret: String,
}

/// The runtime API: tells that the function polled, and gives it nothing to do.
async fn next(State(host): State<Arc<Host>>) -> Json<Value> {
    host.polled.notify_one();
    std::future::pending().await
}

/// Every other call is for a secret.
async fn secret(State(host): State<Arc<Host>>) -> Json<Value> {
    Json(json!({ "ARN": "arn", "Name": "secret", "SecretString": host.secret }))
}

fn build() {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--locked", "--profile", "deploy"]);
    for name in ["purchase", "enqueue", "stamp", "refund", "sweep", "desk"] {
        cargo.args(["--package", &format!("bubuh-{name}")]);
    }
    assert!(cargo.status().expect("cargo").success(), "the build failed");
}

fn resident_peak_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().split(' ').next()?.parse().ok())
        .unwrap_or_default()
}

fn start(binary: &Path, entry: &str, host: &str) -> std::process::Child {
    Command::new(binary)
        .env_clear()
        .envs([
            ("AWS_LAMBDA_RUNTIME_API", host.trim_start_matches("http://")),
            ("AWS_LAMBDA_FUNCTION_NAME", "footprint"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "footprint"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "footprint"),
            ("AWS_ENDPOINT_URL", host),
            ("AWS_REGION", "ap-southeast-3"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("BUBUH_ENTRY", entry),
            ("GATEWAY_BASE_URL", host),
            ("GATEWAY_SECRET_ARN", "arn"),
            ("WEBHOOK_SECRET_ARN", "arn"),
            ("REFUND_STATE_MACHINE_ARN", "arn"),
            ("SIGNING_SECRET_ARN", "arn"),
            ("STAMPED_BUCKET", "stamped"),
            ("STAMPS_QUEUE_URL", host),
            ("BULK_QUEUE_URL", host),
            ("STAMPS_CONCURRENCY", "2"),
            ("BULK_CONCURRENCY", "2"),
            ("LONGEST_WAIT_MINUTES", "720"),
            ("LATE_ALLOWANCE", "0"),
            ("ACCOUNT_SHARE", "10"),
            ("SELLABLE_SERIALS", "1000"),
            ("OPERATORS", "cognito:groups=operators"),
            ("TABLE", "table"),
            ("UPLOADS_BUCKET", "uploads"),
            ("UPLOADS_QUEUE_URL", host),
            ("VERIFY_BASE_URL", host),
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a built function")
}

#[tokio::main]
async fn main() {
    let identity = bubuh_pdf::development_identity(1_700_000_000, &[7; 64]).expect("an identity");
    let host = Arc::new(Host {
        polled: Notify::new(),
        secret: json!({
            "server_key": "footprint",
            "key_pem": identity.key_pem,
            "chain_pem": identity.chain_pem,
        })
        .to_string(),
    });
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .fallback(secret)
        .with_state(Arc::clone(&host));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });

    build();
    println!("| function | binary | cold start (median of {RUNS}) | memory at first poll |");
    println!("|---|---|---|---|");
    for (name, entry) in [
        ("purchase", ""),
        ("enqueue", "http"),
        ("enqueue", "uploads"),
        ("stamp", ""),
        ("refund", ""),
        ("sweep", ""),
        ("desk", ""),
    ] {
        let binary = Path::new("target/deploy").join(name);
        let (mut times, mut peak_kib) = (Vec::new(), 0);
        for _ in 0..RUNS {
            let begun = Instant::now();
            let mut child = start(&binary, entry, &address);
            host.polled.notified().await;
            times.push(begun.elapsed());
            peak_kib = peak_kib.max(resident_peak_kib(child.id()));
            let _ = child.kill(); // it may have ended by itself
            let _ = child.wait();
        }
        times.sort();
        let median = times.get(RUNS / 2).copied().unwrap_or_default();
        let size = std::fs::metadata(&binary)
            .map(|m| m.len())
            .unwrap_or_default();
        println!(
            "| {name} {entry} | {:.1} MB | {:.1} ms | {:.1} MB |",
            size as f64 / 1e6,
            median.as_secs_f64() * 1e3,
            peak_kib as f64 / 1024.0,
        );
    }
}
