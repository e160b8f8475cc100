//! The store's own way to an execution for a refund.

use super::given;
use crate::{make, sides::Side};
use aws_sdk_sfn::types::ExecutionStatus;
use bubuh_core::refund::{Refund, RefundReason};
use bubuh_faults::world::EPOCH_MS;

on_both_sides! {
    a_refund_has_one_execution_however_often_it_is_asked_for,
    a_refund_whose_executions_gave_up_is_redriven,
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
