//! The refund state machine's executions, as the store starts them and looks at them.

mod executions;
mod refunds;

use crate::sides::Side;
use aws_sdk_sfn::{
    Client,
    operation::start_execution::builders::StartExecutionFluentBuilder,
    types::{ExecutionStatus, StateMachineType},
};
use bubuh_faults::{
    cloud::Status,
    world::{MACHINE, World},
};
use std::time::Duration;

pub(crate) const NAMES: &[&[&str]] = &[executions::NAMES, refunds::NAMES];

/// Runs until it is ended by what its input says.
const DEFINITION: &str = r#"{
  "StartAt": "End",
  "States": {
    "End": {
      "Type": "Choice",
      "Choices": [
        { "Variable": "$.end", "IsPresent": false, "Next": "Wait" },
        { "Variable": "$.end", "StringEquals": "well", "Next": "Succeed" },
        { "Variable": "$.end", "StringEquals": "badly", "Next": "Fail" }
      ]
    },
    "Wait": { "Type": "Wait", "Seconds": 3600, "Next": "Succeed" },
    "Succeed": { "Type": "Succeed" },
    "Fail": { "Type": "Fail" }
  }
}"#;
const WELL: &str = "{\"end\":\"well\"}";
const BADLY: &str = "{\"end\":\"badly\"}";
const PATIENCE: Duration = Duration::from_secs(30);

struct Given {
    client: Client,
    machine: String,
    fake: Option<World>,
}

async fn given(side: &Side) -> Given {
    let client = Client::new(&side.config);
    let fake = side.fake.clone();
    if fake.is_some() {
        let machine = MACHINE.to_owned();
        return Given {
            client,
            machine,
            fake,
        };
    }
    let created = client
        .create_state_machine()
        .name(&side.name)
        .definition(DEFINITION)
        .role_arn("arn:aws:iam::000000000000:role/machine")
        .r#type(StateMachineType::Standard)
        .send()
        .await
        .unwrap();
    Given {
        client,
        machine: created.state_machine_arn,
        fake,
    }
}

impl Given {
    fn start(&self, name: &str, input: &str) -> StartExecutionFluentBuilder {
        let start = self
            .client
            .start_execution()
            .state_machine_arn(&self.machine);
        start.name(name).input(input)
    }

    async fn status(&self, arn: &str) -> ExecutionStatus {
        let describe = self.client.describe_execution().execution_arn(arn);
        describe.send().await.unwrap().status
    }

    /// Starts an execution that ends as its input says, and waits until it has.
    async fn ended(&self, name: &str, input: &str) -> String {
        let arn = self.start(name, input).send().await.unwrap().execution_arn;
        self.end(
            name,
            if input == WELL {
                Status::Succeeded
            } else {
                Status::Failed
            },
        );
        self.until_ended(&arn).await;
        arn
    }

    async fn until_ended(&self, arn: &str) {
        let ended = async { while self.status(arn).await == ExecutionStatus::Running {} };
        tokio::time::timeout(PATIENCE, ended)
            .await
            .expect("it ends");
    }

    /// At the fake the driver ends executions; at the emulator their definition does.
    fn end(&self, name: &str, status: Status) {
        let Some(world) = &self.fake else { return };
        let executions = world.cloud.executions().into_iter();
        for mut execution in executions.filter(|e| e.name == name) {
            execution.status = status;
            world.cloud.stepped(execution);
        }
    }

    /// The names of all executions.
    async fn all(&self) -> Vec<String> {
        if let Some(world) = &self.fake {
            return world
                .cloud
                .executions()
                .into_iter()
                .map(|e| e.name)
                .collect();
        }
        let list = self
            .client
            .list_executions()
            .state_machine_arn(&self.machine);
        let list = list.send().await.unwrap().executions;
        list.into_iter().map(|e| e.name).collect()
    }

    /// An execution ends before it comes to its end.
    async fn abort(&self, name: &str) {
        if self.fake.is_some() {
            return self.end(name, Status::GaveUp);
        }
        let arn = self.machine.replacen(":stateMachine:", ":execution:", 1);
        let stop = self
            .client
            .stop_execution()
            .execution_arn(format!("{arn}:{name}"));
        stop.send().await.unwrap();
    }
}
