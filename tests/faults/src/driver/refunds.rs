//! The refund state machine, as `workflow/refund.asl.json` says: step, then wait or end.

use super::Driver;
use crate::cloud::{Execution, Status};
use bubuh_core::{id::OrderId, refund::RefundState};
use serde::Deserialize;

/// The retries of a failing step: 2 s, doubling up to an hour.
const FIRST_RETRY_MS: u64 = 2_000;
const LONGEST_RETRY_MS: u64 = 3_600_000;

#[derive(Deserialize)]
struct Input {
    order_id: OrderId,
    refund_key: bubuh_core::id::RefundKey,
}

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

    async fn step(&self, mut execution: Execution) -> Execution {
        let input: Input = serde_json::from_str(&execution.input).expect("an input");
        let refunds = self.world.refunds();
        let name = format!("refund {}", input.refund_key);
        let mut done = None;
        for _ in 0..self.repeats() {
            let step = refunds.step(input.order_id, input.refund_key);
            done = self.world.cloud.process(&name, step).await;
        }
        let Some(Ok(refund)) = done else {
            let wait_ms = FIRST_RETRY_MS << execution.failures.min(16);
            execution.failures += 1;
            execution.next_at_ms = self
                .world
                .now_ms()
                .saturating_add(wait_ms.min(LONGEST_RETRY_MS));
            return execution;
        };
        execution.failures = 0;
        match refund.state {
            RefundState::Refunded => execution.status = Status::Succeeded,
            RefundState::Stuck => execution.status = Status::Failed,
            RefundState::Due | RefundState::Sent => execution.next_at_ms = refund.next_at_ms,
        }
        execution
    }
}
