//! What can go wrong on the way to a running stack, told in one line with what to do about it.

use crate::client::says_later;
use std::path::{Path, PathBuf};

/// A failure of the `bubuh` command. Its text is for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The sources are needed: functions are built, the template is read.
    #[error("no Bubuh sources here: run inside the repository, or set BUBUH_ROOT to it")]
    NoWorkspace,
    /// No usable interpreter for the emulator.
    #[error(
        "the local emulator needs Python 3.10 or newer and none was found ({tried}): \
         install python3, or set AWS_ENDPOINT_URL to a running emulator"
    )]
    NoPython {
        /// The commands that were tried, with what they answered.
        tried: String,
    },
    /// Python is there, but it cannot make virtual environments.
    #[error(
        "{python} cannot make a virtual environment: install its venv module (Debian and Ubuntu: apt install python3-venv)"
    )]
    NoVenv {
        /// The interpreter.
        python: String,
    },
    /// The package installer failed.
    #[error("could not install the emulator's packages: {detail} (log: {})", log.display())]
    Install {
        /// The last line that names an error.
        detail: String,
        /// The whole output.
        log: PathBuf,
    },
    /// The functions did not compile.
    #[error("could not build the functions (cargo said why above): {detail}")]
    Build {
        /// What cargo's exit or output lacked.
        detail: String,
    },
    /// The port asked for is taken.
    #[error("port {port} of 127.0.0.1 is in use: stop what uses it, or choose another with --port")]
    PortInUse {
        /// The port.
        port: u16,
    },
    /// The disk is full, or nearly.
    #[error("not enough disk at {}: {free_mb} MB free, {need_mb} MB needed", path.display())]
    NoDisk {
        /// Where.
        path: PathBuf,
        /// What is left.
        free_mb: u64,
        /// What a run needs.
        need_mb: u64,
    },
    /// Another process holds the state directory.
    #[error("{} is in use by another `bubuh up`: stop it, or choose another --state", path.display())]
    StateInUse {
        /// The state directory.
        path: PathBuf,
    },
    /// Nothing to see.
    #[error("{detail}")]
    Desk {
        /// Why.
        detail: String,
    },
    /// Files can't be submitted like this.
    #[error("{detail}")]
    Submit {
        /// What is wrong and what to do.
        detail: String,
    },
    /// A file or directory operation failed.
    #[error("could not {what} {}: {source}", path.display())]
    File {
        /// A verb, such as "read".
        what: &'static str,
        /// The path.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The emulator did not come up, or went away.
    #[error("the emulator {what}: {tail} (log: {})", log.display())]
    Emulator {
        /// What it did.
        what: &'static str,
        /// The end of its log.
        tail: String,
        /// The whole log.
        log: PathBuf,
    },
    /// The fault proxy did not come up.
    #[error("the fault proxy did not start: {tail}")]
    FaultProxy {
        /// The end of its log.
        tail: String,
    },
    /// A call to the emulator's or LocalStack's API failed.
    #[error("{call} failed: {detail}")]
    Aws {
        /// The operation.
        call: &'static str,
        /// The service's answer.
        detail: String,
    },
    /// The template was refused or a resource failed.
    #[error("the template did not deploy: {reason}")]
    Deploy {
        /// CloudFormation's reasons.
        reason: String,
    },
    /// The template lacks a line that packaging replaces.
    #[error("infra/template.yaml has no line `{line}` to package")]
    Template {
        /// The line.
        line: String,
    },
    /// The payment sandbox did not start.
    #[error("the payment sandbox did not start: {0}")]
    Sandbox(#[from] bubuh_sandbox::Error),
    /// The signing identity could not be made or read; a sentence.
    #[error("{0}")]
    Identity(String),
    /// The payment sandbox took no payment.
    #[error("the payment was not taken: {0}")]
    Pay(bubuh_sandbox::BuyerError),
    /// The API or storage answered with a problem.
    #[error("could not {call}: {status} {detail}")]
    Api {
        /// What was asked.
        call: &'static str,
        /// The HTTP status; 0 when no answer came.
        status: u16,
        /// The problem's detail.
        detail: String,
    },
    /// Something did not happen in time.
    #[error("{what} was still `{last}` when patience ran out")]
    Waited {
        /// What was waited for.
        what: String,
        /// Its last state.
        last: String,
    },
    /// The audit could not read everything.
    #[error("the audit could not be made: {detail}")]
    Audit {
        /// What could not be read.
        detail: String,
    },
    /// A case could not be read or ended.
    #[error("the case: {detail}")]
    Case {
        /// Why.
        detail: String,
    },
    /// The switch of sales could not be read or turned.
    #[error("the switch of sales: {detail}")]
    Sales {
        /// Why.
        detail: String,
    },
    /// A settlement file or a report could not be read or made.
    #[error("the reconciliation: {detail}")]
    Reconcile {
        /// Why.
        detail: String,
    },
    /// A simulation can't begin.
    #[error("the simulation: {detail}")]
    Simulate {
        /// Why.
        detail: String,
    },
    /// A key could not be made or read.
    #[error("could not {what} the development key: {detail}")]
    Key {
        /// A verb.
        what: &'static str,
        /// Why.
        detail: String,
    },
}

impl Error {
    /// Whether the same call may succeed later without anything being changed by hand.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self {
            Self::Install { .. }
            | Self::Emulator { .. }
            | Self::FaultProxy { .. }
            | Self::Aws { .. } => true,
            Self::Sandbox(error) => error.retryable(),
            _ => false,
        }
    }

    /// Whether a call failed as calls do on a bad line or at a busy service.
    #[must_use]
    pub(crate) fn passing(&self) -> bool {
        matches!(self, Self::Api { status, .. } if *status == 0 || says_later(*status))
    }

    /// An [`Error::File`] maker for `map_err`; a full disk is told as such.
    pub(crate) fn file(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            std::io::ErrorKind::StorageFull => Self::NoDisk {
                path,
                free_mb: 0,
                need_mb: crate::stack::home::NEED_MB,
            },
            _ => Self::File { what, path, source },
        }
    }
}
