//! The emulator alone: no functions, no template, nothing deployed.

use aws_config::SdkConfig;

use super::emulator::Emulator;
use super::home::Home;
use super::ports::Ports;
use super::{aws, python};
use crate::Error;
use crate::progress::Progress;

/// A running emulator without a stack on it, for tests of what the services themselves do. It keeps
/// nothing. A drop kills it; if its process dies first, the emulator ends by itself.
#[derive(Debug)]
pub struct Bare {
    /// The AWS endpoint.
    pub endpoint: String,
    emulator: Emulator,
    // Last: its directory goes when nothing uses it any more.
    _home: Home,
}

impl Bare {
    /// Starts the emulator on any free port, installing it first where it is not yet.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn start(progress: &Progress) -> Result<Self, Error> {
        let home = Home::open(None)?;
        let port = Ports::open(&home, None).await?.emulator;
        let python = python::ensure(&python::EMULATOR, &home, progress).await?;
        let endpoint = format!("http://127.0.0.1:{port}");
        Ok(Self {
            emulator: Emulator::start(&python, &home, port, &endpoint).await?,
            endpoint,
            _home: home,
        })
    }

    /// Configuration for AWS clients.
    #[must_use]
    pub fn aws_config(&self) -> SdkConfig {
        aws::config(&self.endpoint)
    }

    /// Ends it in order.
    ///
    /// # Errors
    /// It did not.
    pub async fn shutdown(self) -> Result<(), Error> {
        self.emulator.stop().await
    }
}
