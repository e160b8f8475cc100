//! The emulator as a child process: clean environment, loopback only, ended in order.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::{Instant, sleep, timeout};

use super::home::{Home, make_dir};
use super::{ACCOUNT, REGION};
use crate::Error;

const START_TIMEOUT: Duration = Duration::from_secs(60);
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// A running emulator. Dropping it without [`stop`](Self::stop) kills it and its functions,
/// and what it had not saved is lost.
#[derive(Debug)]
pub(crate) struct Emulator {
    child: Child,
    /// Closing it asks the emulator to end its functions, save, and go.
    lifeline: Option<ChildStdin>,
    group: Option<Pid>,
    log: PathBuf,
}

impl Emulator {
    /// Starts the emulator on `port` and waits until it answers. Functions will call AWS at
    /// `endpoint`.
    pub(crate) async fn start(
        python: &Path,
        home: &Home,
        port: u16,
        endpoint: &str,
    ) -> Result<Self, Error> {
        let log = home.file("emulator.log");
        let out = File::create(&log).map_err(Error::file("write", &log))?;
        let err = out.try_clone().map_err(Error::file("write", &log))?;
        let mut child = Command::new(python)
            .arg(home.root.join("infra/emulator.py"))
            .env_clear()
            .envs(environment(home, port, endpoint)?)
            .current_dir(&home.dir)
            .stdin(Stdio::piped())
            .stdout(out)
            .stderr(err)
            .process_group(0) // Ctrl-C at the terminal is ours to handle
            .kill_on_drop(true)
            .spawn()
            .map_err(Error::file("run", python))?;
        let lifeline = child.stdin.take();
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let mut emulator = Self {
            child,
            lifeline,
            group,
            log,
        };
        emulator.wait_until_ready(port).await?;
        Ok(emulator)
    }

    async fn wait_until_ready(&mut self, port: u16) -> Result<(), Error> {
        let url = format!("http://127.0.0.1:{port}/_ministack/health");
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            if reqwest::get(&url)
                .await
                .is_ok_and(|r| r.status().is_success())
            {
                return Ok(());
            }
            if self.child.try_wait().is_ok_and(|status| status.is_some()) {
                return Err(self.failed("stopped while starting"));
            }
            if Instant::now() > deadline {
                return Err(self.failed("did not answer within a minute"));
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// The process id of the emulator; its children are the functions' processes.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Whether it is gone, though nobody stopped it.
    pub(crate) async fn died(&mut self) -> Error {
        let _ = self.child.wait().await;
        self.failed("stopped by itself")
    }

    /// Ends it in order: functions first, then state is saved. Nothing of it is left running.
    pub(crate) async fn stop(mut self) -> Result<(), Error> {
        drop(self.lifeline.take());
        let ended = timeout(STOP_TIMEOUT, self.child.wait()).await;
        self.kill_group();
        match ended {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(_) => Err(self.failed("did not end in order")),
            Err(_) => Err(self.failed("did not end within half a minute; state may be lost")),
        }
    }

    /// The functions share the emulator's process group, so none outlives this.
    fn kill_group(&mut self) {
        // Once: later the number may be another group's.
        if let Some(group) = self.group.take() {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    fn failed(&self, what: &'static str) -> Error {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let tail = text
            .lines()
            .rev()
            .find(|l| !l.trim().is_empty())
            .unwrap_or("no output")
            .to_owned();
        Error::Emulator {
            what,
            tail,
            log: self.log.clone(),
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.kill_group();
    }
}

/// Everything the emulator sees. Functions inherit it, so nothing of the user's is in it.
fn environment(
    home: &Home,
    port: u16,
    endpoint: &str,
) -> Result<Vec<(&'static str, String)>, Error> {
    let path = |name: &str| -> Result<String, Error> {
        let dir = home.file(name);
        make_dir(&dir)?;
        Ok(dir.to_string_lossy().into_owned())
    };
    let flag = |on: bool| if on { "1" } else { "0" }.to_owned();
    Ok(vec![
        ("PATH", "/usr/bin:/bin".to_owned()),
        ("HOME", path("tmp")?),
        ("TMPDIR", path("tmp")?),
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
        ("GATEWAY_PORT", port.to_string()),
        ("BIND_HOST", "127.0.0.1".to_owned()),
        ("MINISTACK_HOST", "127.0.0.1".to_owned()),
        ("MINISTACK_REGION", REGION.to_owned()),
        ("MINISTACK_ACCOUNT_ID", ACCOUNT.to_owned()),
        ("AWS_ENDPOINT_URL", endpoint.to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        // Both would listen on all interfaces.
        ("IOT_MTLS_ENABLED", "0".to_owned()),
        ("SFTP_ENABLED", "0".to_owned()),
        // Never somebody's Docker.
        ("DOCKER_HOST", "unix:///nonexistent".to_owned()),
        ("PERSIST_STATE", flag(home.keeps_state)),
        ("STATE_DIR", path("emulator")?),
        ("S3_PERSIST", flag(home.keeps_state)),
        ("S3_DATA_DIR", path("s3")?),
    ])
}
