//! Logs: one JSON line an event, with ids but never a name, a content, a token or a number of a person.

/// Sends `tracing` events to standard error as JSON, at the level `RUST_LOG` names (`info` without it).
pub fn start() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // A second call finds the first one's subscriber, which is as good.
    let _already_started = tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .without_time()
        .try_init();
}
