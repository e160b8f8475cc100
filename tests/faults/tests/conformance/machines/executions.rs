//! One execution: its name, its end, and what follows that.

use super::{BADLY, WELL, given};
use crate::sides::Side;
use aws_sdk_sfn::{
    error::ProvideErrorMetadata, operation::start_execution::builders::StartExecutionFluentBuilder,
    types::ExecutionStatus,
};

on_both_sides! {
    a_started_execution_runs_under_its_name,
    the_same_start_while_it_runs_is_the_same_execution,
    a_name_is_taken_by_another_input,
    a_name_stays_taken_when_its_execution_has_ended,
    an_execution_that_is_not_there_is_told_apart,
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
