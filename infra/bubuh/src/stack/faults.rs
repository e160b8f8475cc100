//! The fault proxy as a child process, between the functions and the emulator.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, ChildStdin, Command};
use tokio::time::{Instant, sleep};

use super::home::Home;
use crate::Error;

const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running fault proxy; a drop kills it. Without rules it only hands on.
#[derive(Debug)]
pub(crate) struct FaultProxy {
    child: Child,
    _lifeline: Option<ChildStdin>,
    url: String,
    log: PathBuf,
}

impl FaultProxy {
    /// Starts the proxy on `port` in front of `upstream` and waits until it answers. The upstream
    /// need not be there yet.
    pub(crate) async fn start(
        python: &Path,
        home: &Home,
        port: u16,
        upstream: &str,
    ) -> Result<Self, Error> {
        let log = home.file("faults.log");
        let out = File::create(&log).map_err(Error::file("write", &log))?;
        let err = out.try_clone().map_err(Error::file("write", &log))?;
        let mut child = Command::new(python)
            .arg(home.root.join("infra/faults.py"))
            .args([&port.to_string(), upstream])
            .env_clear()
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .current_dir(&home.dir)
            .stdin(Stdio::piped())
            .stdout(out)
            .stderr(err)
            .process_group(0) // as the emulator: Ctrl-C at the terminal is ours to handle
            .kill_on_drop(true)
            .spawn()
            .map_err(Error::file("run", python))?;
        let mut proxy = Self {
            _lifeline: child.stdin.take(),
            child,
            url: format!("http://127.0.0.1:{port}"),
            log,
        };
        proxy.wait_until_ready().await?;
        Ok(proxy)
    }

    /// Where it serves; its controls are under `/_microburst/`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    async fn wait_until_ready(&mut self) -> Result<(), Error> {
        let health = format!("{}/_microburst/health", self.url);
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            if reqwest::get(&health)
                .await
                .is_ok_and(|r| r.status().is_success())
            {
                return Ok(());
            }
            let ended = self.child.try_wait().is_ok_and(|status| status.is_some());
            if ended || Instant::now() > deadline {
                let text = std::fs::read_to_string(&self.log).unwrap_or_default();
                return Err(Error::FaultProxy {
                    tail: text.lines().last().unwrap_or("no output").to_owned(),
                });
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}
