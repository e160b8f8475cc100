//! The refund state machine's executions, as the store starts, looks at and redrives them.

use crate::{make, sides::Side};
use aws_sdk_sfn::{
    Client,
    error::ProvideErrorMetadata,
    operation::start_execution::builders::StartExecutionFluentBuilder,
    types::{ExecutionStatus, StateMachineType},
};
use bubuh_core::refund::{Refund, RefundReason};
use bubuh_faults::{
    cloud::Status,
    world::{EPOCH_MS, MACHINE, World},
};
use std::time::Duration;

on_both_sides! {
    a_started_execution_runs_under_its_name,
    the_same_start_while_it_runs_is_the_same_execution,
    a_name_is_taken_by_another_input,
    a_name_stays_taken_when_its_execution_has_ended,
    an_execution_that_is_not_there_is_told_apart,
    what_runs_or_has_succeeded_is_not_redriven,
    what_was_stopped_on_its_way_is_redriven_and_runs_on,
    what_has_failed_at_its_end_is_redriven_and_fails_again,
    a_refund_has_one_execution_however_often_it_is_asked_for,
    a_refund_whose_executions_gave_up_is_redriven,
}

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

    async fn redrive(&self, arn: &str) -> Result<(), Option<String>> {
        let redrive = self
            .client
            .redrive_execution()
            .execution_arn(arn)
            .send()
            .await;
        redrive
            .map(|_| ())
            .map_err(|e| e.code().map(ToOwned::to_owned))
    }
}

async fn taken(start: StartExecutionFluentBuilder) {
    let refused = start.send().await.unwrap_err();
    assert_eq!(refused.code(), Some("ExecutionAlreadyExists"));
}

async fn a_started_execution_runs_under_its_name(side: Side) {
    let given = given(&side).await;
    let started = given.start("a", "{}").send().await.unwrap();
    let arn = given.machine.replacen(":stateMachine:", ":execution:", 1);
    assert_eq!(
        started.execution_arn,
        format!("{arn}:a"),
        "as the store builds it"
    );
    let describe = given
        .client
        .describe_execution()
        .execution_arn(&started.execution_arn);
    let found = describe.send().await.unwrap();
    assert_eq!(
        (found.name(), found.status()),
        (Some("a"), &ExecutionStatus::Running)
    );
}

async fn the_same_start_while_it_runs_is_the_same_execution(side: Side) {
    let given = given(&side).await;
    let first = given.start("a", "{}").send().await.unwrap();
    let second = given
        .start("a", "{}")
        .send()
        .await
        .expect("the same execution");
    assert_eq!(first.execution_arn, second.execution_arn);
    assert_eq!(first.start_date, second.start_date);
}

async fn a_name_is_taken_by_another_input(side: Side) {
    let given = given(&side).await;
    given.start("a", "{}").send().await.unwrap();
    taken(given.start("a", "{\"other\":1}")).await;
}

async fn a_name_stays_taken_when_its_execution_has_ended(side: Side) {
    let given = given(&side).await;
    for (name, input, status) in [
        ("a", WELL, ExecutionStatus::Succeeded),
        ("b", BADLY, ExecutionStatus::Failed),
    ] {
        let arn = given.ended(name, input).await;
        taken(given.start(name, input)).await;
        assert_eq!(given.status(&arn).await, status);
    }
}

async fn an_execution_that_is_not_there_is_told_apart(side: Side) {
    let given = given(&side).await;
    let arn = given.machine.replacen(":stateMachine:", ":execution:", 1);
    let describe = given
        .client
        .describe_execution()
        .execution_arn(format!("{arn}:a"));
    let absent = describe.send().await.unwrap_err();
    assert_eq!(absent.code(), Some("ExecutionDoesNotExist"));
}

async fn what_runs_or_has_succeeded_is_not_redriven(side: Side) {
    let given = given(&side).await;
    let refused = Err(Some("ExecutionNotRedrivable".to_owned()));
    let running = given.start("a", "{}").send().await.unwrap();
    assert_eq!(given.redrive(&running.execution_arn).await, refused);
    let succeeded = given.ended("b", WELL).await;
    assert_eq!(given.redrive(&succeeded).await, refused);
}

async fn what_was_stopped_on_its_way_is_redriven_and_runs_on(side: Side) {
    let given = given(&side).await;
    let started = given.start("a", "{}").send().await.unwrap();
    let arn = started.execution_arn;
    given.abort("a").await;
    assert_ne!(given.status(&arn).await, ExecutionStatus::Running);
    given.redrive(&arn).await.expect("redriven");
    assert_eq!(given.status(&arn).await, ExecutionStatus::Running);
}

async fn what_has_failed_at_its_end_is_redriven_and_fails_again(side: Side) {
    let given = given(&side).await;
    let failed = given.ended("a", BADLY).await;
    given.redrive(&failed).await.expect("redriven");
    given.until_ended(&failed).await;
    assert_eq!(given.status(&failed).await, ExecutionStatus::Failed);
}

fn refund(attempts: u32) -> Refund {
    let payment = make::payment(&make::order("ani", "o"), "t");
    let refund = Refund::automatic(&payment, RefundReason::WrongAmount, EPOCH_MS);
    Refund { attempts, ..refund }
}

async fn a_refund_has_one_execution_however_often_it_is_asked_for(side: Side) {
    let given = given(&side).await;
    let workflows = side.adapters().workflows(&given.machine);
    for _ in 0..3 {
        workflows.ensure(&refund(1)).await.unwrap();
    }
    assert_eq!(given.all().await, [refund(1).key.to_string()]);
}

async fn a_refund_whose_executions_gave_up_is_redriven(side: Side) {
    let given = given(&side).await;
    let workflows = side.adapters().workflows(&given.machine);
    let (key, again) = (refund(1).key.to_string(), format!("{}-1", refund(1).key));
    for name in [&key, &again] {
        workflows.ensure(&refund(1)).await.unwrap();
        given.abort(name).await;
    }
    let mut names = given.all().await;
    names.sort();
    assert_eq!(
        names,
        [key, again.clone()],
        "each attempt has a name of its own"
    );
    workflows.ensure(&refund(1)).await.unwrap();
    let arn = given.machine.replacen(":stateMachine:", ":execution:", 1);
    assert_eq!(
        given.status(&format!("{arn}:{again}")).await,
        ExecutionStatus::Running
    );
}

impl Given {
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
