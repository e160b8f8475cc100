//! The refund state machine, as `workflow/refund.asl.json` says: step, then wait or end.

use super::Driver;
use crate::{
    cloud::{Execution, Status},
    world::World,
};
use bubuh_core::refund::RefundState;

/// The retries of a failing step: 2 s, doubling up to an hour, for a fortnight at most.
const FIRST_RETRY_MS: u64 = 2_000;
const LONGEST_RETRY_MS: u64 = 3_600_000;
const RETRIES_MAX: u32 = 320;

impl Driver {
    pub(super) fn next_execution_ms(&self) -> Option<u64> {
        let executions = self.world.cloud.executions();
        let running = executions.iter().filter(|e| e.status == Status::Running);
        running.map(|e| e.next_at_ms).min()
    }

    /// Steps the executions whose time has come. Gives whether there were any.
    pub(super) async fn executions(&mut self) -> bool {
        let now_ms = self.world.now_ms();
        let mut executions = self.world.cloud.executions();
        executions.retain(|e| e.status == Status::Running && e.next_at_ms <= now_ms);
        let any = !executions.is_empty();
        for execution in executions {
            let after = self.step(execution).await;
            self.audit().await;
            self.world.cloud.stepped(after);
        }
        any
    }

    async fn step(&self, execution: Execution) -> Execution {
        let name = format!("refund {}", execution.name);
        let mut done = None;
        for _ in 0..self.repeats() {
            let step = stepped(&self.world, execution.clone());
            done = self.world.cloud.process(&name, step).await;
        }
        match done {
            Some(Some(after)) => after,
            _ => failed(execution, self.world.now_ms()),
        }
    }
}

/// One step of the state machine by the function it calls; `None` when that fails.
pub(crate) async fn stepped(world: &World, mut execution: Execution) -> Option<Execution> {
    let input = serde_json::from_str(&execution.input).expect("an input");
    let output = bubuh_refund::step(&world.refunds(), input).await.ok()?;
    execution.failures = 0;
    match output.state {
        RefundState::Refunded | RefundState::Payout | RefundState::Reversed => {
            execution.status = Status::Succeeded;
        }
        RefundState::Stuck => execution.status = Status::Failed,
        RefundState::Due | RefundState::Sent => {
            let at: jiff::Timestamp = output.next_at.parse().expect("a time");
            execution.next_at_ms = u64::try_from(at.as_millisecond()).unwrap_or_default();
        }
    }
    Some(execution)
}

/// The state machine's retry of a step that failed or died.
pub(crate) fn failed(mut execution: Execution, now_ms: u64) -> Execution {
    let wait_ms = FIRST_RETRY_MS << execution.failures.min(16);
    execution.failures += 1;
    if execution.failures > RETRIES_MAX {
        execution.status = Status::GaveUp;
    }
    execution.next_at_ms = now_ms.saturating_add(wait_ms.min(LONGEST_RETRY_MS));
    execution
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_failing_step_is_retried_as_the_state_machine_says() {
        let text = include_str!("../../../../workflow/refund.asl.json");
        let machine: Value = serde_json::from_str(text).unwrap();
        let retry = &machine["States"]["Step"]["Retry"][0];
        assert_eq!(retry["ErrorEquals"], json!(["States.ALL"]));
        assert_eq!(retry["IntervalSeconds"], FIRST_RETRY_MS / 1_000);
        assert_eq!(retry["BackoffRate"], 2);
        assert_eq!(retry["MaxDelaySeconds"], LONGEST_RETRY_MS / 1_000);
        assert_eq!(retry["MaxAttempts"], RETRIES_MAX);
        let mut execution = Execution {
            name: "a".to_owned(),
            input: String::new(),
            status: Status::Running,
            next_at_ms: 0,
            failures: 0,
        };
        let mut waits_ms = Vec::new();
        while execution.status == Status::Running {
            execution = failed(execution, 0);
            waits_ms.push(execution.next_at_ms);
        }
        assert_eq!(waits_ms[..4], [2_000, 4_000, 8_000, 16_000]);
        assert_eq!(waits_ms[319], 3_600_000);
        assert_eq!(waits_ms.len(), 321, "the first try and its retries");
    }
}
