//! What a running stack tells other commands: a file beside its state, gone when it stops.

use super::{Stack, aws};
use crate::{
    Error,
    books::{DAY_MS, Place},
};
use aws_config::SdkConfig;
use bubuh_core::settlement::Rates;
use bubuh_store::{Aws, QueueUrls};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

const FILE: &str = "ready.json";

/// A running stack's addresses.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ready {
    endpoint: String,
    sandbox: String,
    outputs: BTreeMap<String, String>,
}

impl Ready {
    /// Of the stack whose state is in `state`, or of the last one started without a state.
    ///
    /// # Errors
    /// [`Error::File`] when none runs there.
    pub fn read(state: Option<&Path>) -> Result<Self, Error> {
        let path = state
            .map_or_else(|| PathBuf::from(".bubuh"), Path::to_owned)
            .join(FILE);
        let text = std::fs::read(&path).map_err(Error::file("find a running stack at", &path))?;
        serde_json::from_slice(&text).map_err(|e| Error::Audit {
            detail: format!("{}: {e}", path.display()),
        })
    }

    /// Where the stack's books are, and clients that reach them: the environment's, if it names one,
    /// else as [`Ready::read`].
    ///
    /// # Errors
    /// As [`Ready::read`].
    pub async fn reach(state: Option<&Path>) -> Result<(Aws, Place), Error> {
        if let Some(place) = Place::from_env() {
            return Ok((Aws::from_env().await, place));
        }
        let ready = Self::read(state)?;
        Ok((Aws::new(ready.aws_config()), ready.place()))
    }

    /// Of this stack.
    #[must_use]
    pub fn of(stack: &Stack) -> Self {
        Self {
            endpoint: stack.endpoint.clone(),
            sandbox: stack.sandbox.clone(),
            outputs: stack.outputs.clone(),
        }
    }

    /// Writes the file into `dir` and gives its path.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn write(&self, dir: &Path) -> Result<PathBuf, Error> {
        let path = dir.join(FILE);
        let text = serde_json::to_vec(self).unwrap_or_default();
        std::fs::write(&path, text).map_err(Error::file("write", &path))?;
        Ok(path)
    }

    /// Configuration for AWS clients.
    #[must_use]
    pub fn aws_config(&self) -> SdkConfig {
        aws::config(&self.endpoint)
    }

    /// Where its books are.
    #[must_use]
    pub fn place(&self) -> Place {
        let output = |name: &str| self.outputs.get(name).cloned().unwrap_or_default();
        Place {
            table: output("TableName"),
            uploads: output("UploadsBucketName"),
            stamped: output("StampedBucketName"),
            gateway: self.sandbox.clone(),
            gateway_name: output("GatewayName"),
            gateway_secret: super::GATEWAY_SECRET.to_owned(),
            queues: QueueUrls {
                uploads: output("UploadsQueueUrl"),
                single: output("StampsQueueUrl"),
                bulk: output("BulkQueueUrl"),
            },
            refund_machine: output("RefundStateMachineArn"),
            settlements: output("SettlementsBucketName"),
            settle_within_ms: Some(super::SETTLEMENT_DAYS.saturating_mul(DAY_MS)),
            rates: Rates::default(),
        }
    }
}
