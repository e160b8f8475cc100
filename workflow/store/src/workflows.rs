//! The refund state machine: seeing to it that one execution runs for a refund that is under way.

use crate::error::{Error, classify};
use aws_sdk_sfn::{Client, error::ProvideErrorMetadata, types::ExecutionStatus};
use bubuh_core::refund::Refund;

/// The refund state machine.
#[derive(Debug, Clone)]
pub struct Workflows {
    client: Client,
    state_machine_arn: String,
}

/// What stands under an execution's name.
enum Named {
    Started,
    Running,
    Closed,
}

impl Workflows {
    /// The state machine with this ARN.
    #[must_use]
    pub fn new(client: Client, state_machine_arn: impl Into<String>) -> Self {
        Self {
            client,
            state_machine_arn: state_machine_arn.into(),
        }
    }

    /// Makes sure that an execution runs for this refund. The name is the refund's key, and the round
    /// once a person had it tried again: an execution that has ended at an end of its own can't go on.
    /// If that execution has closed while the refund has not ended, one named by the row's version too
    /// runs instead: whoever finds a refund without a living execution has put it off, so the version is
    /// new each time, and two who find it at the same time start the same one. The gateway's refund key
    /// never changes.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; the refund stays due, so sweep tries again.
    pub async fn ensure(&self, refund: &Refund) -> Result<(), Error> {
        let input = serde_json::json!({
            "order_id": refund.order,
            "refund_key": refund.key,
        })
        .to_string();
        let first = match refund.rounds {
            0 => refund.key.to_string(),
            round => format!("{}-r{round}", refund.key),
        };
        if let Named::Closed = self.start(&first, &input).await? {
            // If this one has closed too, the next look finds another version.
            let fresh = format!("{first}-v{}", refund.version);
            self.start(&fresh, &input).await?;
        }
        Ok(())
    }

    async fn start(&self, name: &str, input: &str) -> Result<Named, Error> {
        let started = self
            .client
            .start_execution()
            .state_machine_arn(&self.state_machine_arn)
            .name(name)
            .input(input)
            .send()
            .await;
        match started {
            Ok(_) => Ok(Named::Started),
            Err(e) if e.code() == Some("ExecutionAlreadyExists") => {
                let found = self
                    .client
                    .describe_execution()
                    .execution_arn(self.execution_arn(name))
                    .send()
                    .await
                    .map_err(|e| classify("look at a refund's execution", &e))?;
                Ok(match found.status() {
                    ExecutionStatus::Running | ExecutionStatus::PendingRedrive => Named::Running,
                    _ => Named::Closed,
                })
            }
            Err(e) => Err(classify("start a refund", &e)),
        }
    }

    fn execution_arn(&self, name: &str) -> String {
        let arn = self
            .state_machine_arn
            .replacen(":stateMachine:", ":execution:", 1);
        format!("{arn}:{name}")
    }
}
