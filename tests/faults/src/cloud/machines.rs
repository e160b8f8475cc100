//! The refund state machine's executions. A name is taken for ever.

use super::reply::{json, json_error};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use serde_json::{Value, json as value};

/// Where an execution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It runs, or waits.
    Running,
    /// It ended well.
    Succeeded,
    /// It ended at a state that says so.
    Failed,
    /// A step failed too often.
    GaveUp,
}

/// One execution.
#[derive(Debug, Clone)]
pub struct Execution {
    /// Its name.
    pub name: String,
    /// What it was started with.
    pub input: String,
    /// Where it is.
    pub status: Status,
    /// When its next step runs.
    pub next_at_ms: u64,
    /// Failures of the present step in a row.
    pub failures: u32,
}

#[derive(Debug, Default)]
pub(crate) struct Machines {
    pub(crate) executions: Vec<Execution>,
}

impl Machines {
    pub(super) fn handle(&mut self, now_ms: u64, operation: &str, body: &[u8]) -> HttpResponse {
        let request: Value = serde_json::from_slice(body).expect("JSON");
        match operation {
            "StartExecution" => self.start(now_ms, &request),
            "DescribeExecution" => match self.find(&request) {
                Some(found) => {
                    let status = match found.status {
                        Status::Running => "RUNNING",
                        Status::Succeeded => "SUCCEEDED",
                        Status::Failed | Status::GaveUp => "FAILED",
                    };
                    let answer = value!({
                        "executionArn": request["executionArn"],
                        "stateMachineArn": super::super::world::MACHINE,
                        "name": found.name,
                        "status": status,
                        "startDate": 1_700_000_000
                    });
                    json(200, answer.to_string())
                }
                None => absent(),
            },
            other => panic!("state machines have no {other}"),
        }
    }

    /// AWS: the same name and input while it runs is the same execution; else the name is taken.
    fn start(&mut self, now_ms: u64, request: &Value) -> HttpResponse {
        let name = request["name"].as_str().expect("a name");
        let input = request["input"].as_str().expect("an input");
        let existing = self.executions.iter().find(|e| e.name == name);
        if let Some(existing) = existing
            && (existing.status != Status::Running || existing.input != input)
        {
            return json_error(400, "ExecutionAlreadyExists", "the name is taken");
        }
        if existing.is_none() {
            self.executions.push(Execution {
                name: name.to_owned(),
                input: input.to_owned(),
                status: Status::Running,
                next_at_ms: now_ms,
                failures: 0,
            });
        }
        let arn = super::super::world::MACHINE.replacen(":stateMachine:", ":execution:", 1);
        let answer =
            value!({ "executionArn": format!("{arn}:{name}"), "startDate": 1_700_000_000 });
        json(200, answer.to_string())
    }

    fn find(&mut self, request: &Value) -> Option<&mut Execution> {
        let arn = request["executionArn"].as_str()?;
        let name = arn.rsplit(':').next()?;
        self.executions.iter_mut().find(|e| e.name == name)
    }
}

fn absent() -> HttpResponse {
    json_error(400, "ExecutionDoesNotExist", "no such execution")
}
