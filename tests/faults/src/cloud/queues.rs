//! The queues: at least once, in any order.

use super::{
    reply::{json, json_error},
    storage::Created,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use serde_json::{Value, json as value};

/// The URL of the queue for uploads.
pub const UPLOADS_URL: &str = "http://aws.test/queue/uploads";
/// The URL of the queue for stamps.
pub const STAMPS_URL: &str = "http://aws.test/queue/stamps";

/// A message on its way.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Names it in its queue.
    pub id: u64,
    /// The queue's URL.
    pub queue: String,
    /// What it says.
    pub body: String,
    /// When it can be received (again).
    pub visible_at_ms: u64,
    /// How often it was received.
    pub received: u32,
}

#[derive(Debug, Default)]
pub(crate) struct Queues {
    pub(crate) letters: Vec<Letter>,
    pub(crate) dead: Vec<Letter>,
    sent: u64,
}

impl Queues {
    pub(super) fn handle(&mut self, now_ms: u64, operation: &str, body: &[u8]) -> HttpResponse {
        let request: Value = serde_json::from_slice(body).expect("JSON");
        let url = request["QueueUrl"].as_str().expect("a queue").to_owned();
        if url != UPLOADS_URL && url != STAMPS_URL {
            let kind = "com.amazonaws.sqs#QueueDoesNotExist";
            return json_error(400, kind, "no such queue");
        }
        match operation {
            "SendMessage" => {
                let id = self.send(now_ms, &url, &request["MessageBody"]);
                json(200, value!({ "MessageId": id.to_string() }).to_string())
            }
            "SendMessageBatch" => {
                let entries = request["Entries"].as_array().cloned().unwrap_or_default();
                let sent: Vec<Value> = entries
                    .iter()
                    .map(|entry| {
                        let id = self.send(now_ms, &url, &entry["MessageBody"]);
                        value!({ "Id": entry["Id"], "MessageId": id.to_string(), "MD5OfMessageBody": "" })
                    })
                    .collect();
                json(
                    200,
                    value!({ "Successful": sent, "Failed": [] }).to_string(),
                )
            }
            other => panic!("the queues have no {other}"),
        }
    }

    fn send(&mut self, now_ms: u64, url: &str, body: &Value) -> u64 {
        self.sent += 1;
        self.letters.push(Letter {
            id: self.sent,
            queue: url.to_owned(),
            body: body.as_str().expect("a body").to_owned(),
            visible_at_ms: now_ms,
            received: 0,
        });
        self.sent
    }

    /// S3's notification of a new object.
    pub(super) fn announce(&mut self, now_ms: u64, created: &Created) {
        let event = value!({ "Records": [{
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": {
                "bucket": { "name": super::UPLOADS },
                "object": {
                    "key": created.key,
                    "size": created.size_bytes,
                    "versionId": created.version_id,
                    "sequencer": format!("{:016X}", self.sent)
                }
            }
        }] });
        self.send(now_ms, UPLOADS_URL, &Value::String(event.to_string()));
    }
}
