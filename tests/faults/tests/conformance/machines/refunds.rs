//! The store's own way to an execution for a refund.

use super::given;
use crate::{make, sides::Side};
use aws_sdk_sfn::types::ExecutionStatus;
use bubuh_core::refund::{Refund, RefundReason};
use bubuh_faults::world::EPOCH_MS;

on_both_sides! {
    a_refund_has_one_execution_however_often_it_is_asked_for,
    a_refund_whose_executions_gave_up_gets_a_fresh_one_each_time_it_is_looked_at,
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

async fn a_refund_whose_executions_gave_up_gets_a_fresh_one_each_time_it_is_looked_at(side: Side) {
    let given = given(&side).await;
    let workflows = side.adapters().workflows(&given.machine);
    let key = refund(1).key.to_string();
    workflows.ensure(&refund(1)).await.unwrap();
    given.abort(&key).await;
    let mut expected = vec![key.clone()];
    let mut refund = refund(1);
    for version in 1..=3 {
        refund.version = version;
        workflows.ensure(&refund).await.unwrap();
        let fresh = format!("{key}-v{version}");
        given.abort(&fresh).await;
        workflows.ensure(&refund).await.unwrap();
        expected.push(fresh);
    }
    let mut names = given.all().await;
    names.sort();
    assert_eq!(names, expected, "no name is used twice, no version has two");
    refund.version = 4;
    workflows.ensure(&refund).await.unwrap();
    let arn = given.machine.replacen(":stateMachine:", ":execution:", 1);
    let fresh = format!("{arn}:{key}-v4");
    assert_eq!(given.status(&fresh).await, ExecutionStatus::Running);
}
