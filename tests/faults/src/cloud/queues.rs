//! The queues: at least once, in any order. The driver and the protocol's `ReceiveMessage` hand
//! messages out by the same rules, so that what is shown of the one holds for the other.

use super::{
    reply::{json, json_error},
    storage::Created,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json as value};

/// The URL of the queue for uploads.
pub const UPLOADS_URL: &str = "http://aws.test/queue/uploads";
/// The URL of the queue for stamps.
pub const STAMPS_URL: &str = "http://aws.test/queue/stamps";
/// The URL of the queue for stamps of accounts with many documents under way.
pub const BULK_URL: &str = "http://aws.test/queue/bulk";
/// After so many receptions a message is dead (the template's `maxReceiveCount`).
pub const RECEPTIONS_MAX: u32 = 5;
/// How long a delivery stays hidden, in milliseconds; the template's values.
const STAMPS_HIDDEN_MS: u64 = 360_000;
const UPLOADS_HIDDEN_MS: u64 = 180_000;

/// How long a delivery of this queue stays hidden, in milliseconds.
#[must_use]
pub fn hidden_ms(queue: &str) -> u64 {
    if queue == STAMPS_URL || queue == BULK_URL {
        STAMPS_HIDDEN_MS
    } else {
        UPLOADS_HIDDEN_MS
    }
}

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
        if ![UPLOADS_URL, STAMPS_URL, BULK_URL].contains(&url.as_str()) {
            return absent();
        }
        let answer = match operation {
            "SendMessage" => {
                let id = self.send(now_ms, &url, &request["MessageBody"]);
                value!({ "MessageId": id.to_string() })
            }
            "SendMessageBatch" => {
                let entries = request["Entries"].as_array().expect("entries");
                let sent = entries.iter().map(|entry| {
                    let id = self.send(now_ms, &url, &entry["MessageBody"]);
                    value!({ "Id": entry["Id"], "MessageId": id.to_string() })
                });
                let sent: Vec<Value> = sent.collect();
                value!({ "Successful": sent, "Failed": [] })
            }
            "ReceiveMessage" => self.hand_out(now_ms, &url, &request),
            "DeleteMessage" => {
                self.taken(handled(&request));
                value!({})
            }
            "ChangeMessageVisibility" => {
                let hidden_ms = seconds(&request["VisibilityTimeout"]).unwrap_or_default();
                self.show(handled(&request), now_ms.saturating_add(hidden_ms));
                value!({})
            }
            "GetQueueAttributes" => self.depth(now_ms, &url),
            other => panic!("the queues have no {other}"),
        };
        json(200, answer.to_string())
    }

    /// How many messages can be received now, and how many are hidden.
    fn depth(&self, now_ms: u64, url: &str) -> Value {
        let here = self.letters.iter().filter(|l| l.queue == url);
        let (visible, hidden): (Vec<_>, Vec<_>) = here.partition(|l| l.visible_at_ms <= now_ms);
        value!({ "Attributes": {
            "ApproximateNumberOfMessages": visible.len().to_string(),
            "ApproximateNumberOfMessagesNotVisible": hidden.len().to_string(),
        } })
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

    /// What a consumer gets who asks: what is visible, and is not dead by this.
    fn hand_out(&mut self, now_ms: u64, url: &str, request: &Value) -> Value {
        let most = request["MaxNumberOfMessages"].as_u64().unwrap_or(1);
        let hidden = seconds(&request["VisibilityTimeout"]).unwrap_or_else(|| hidden_ms(url));
        let visible = |l: &&Letter| l.queue == url && l.visible_at_ms <= now_ms;
        let ready: Vec<Letter> = self.letters.iter().filter(visible).cloned().collect();
        let mut messages = Vec::new();
        for letter in ready {
            let full = messages.len() as u64 >= most;
            if full || !self.receive(letter.id, now_ms.saturating_add(hidden), RECEPTIONS_MAX) {
                continue;
            }
            let count = letter.received + 1;
            messages.push(value!({
                "MessageId": letter.id.to_string(),
                "ReceiptHandle": format!("{}#{count}", letter.id),
                "Body": letter.body,
                "Attributes": { "ApproximateReceiveCount": count.to_string() }
            }));
        }
        value!({ "Messages": messages })
    }

    /// A message is received and hidden until then. `false`: it was received too often, and is dead.
    pub(super) fn receive(&mut self, id: u64, hidden_until_ms: u64, receptions_max: u32) -> bool {
        let Some(place) = self.letters.iter().position(|l| l.id == id) else {
            return false;
        };
        if self.letters[place].received >= receptions_max {
            let dead = self.letters.remove(place);
            self.dead.push(dead);
            return false;
        }
        self.letters[place].received += 1;
        self.letters[place].visible_at_ms = hidden_until_ms;
        true
    }

    /// A message was acknowledged.
    pub(super) fn taken(&mut self, id: u64) {
        self.letters.retain(|l| l.id != id);
    }

    /// A message can be received from then on, whoever has it.
    pub(super) fn show(&mut self, id: u64, at_ms: u64) {
        if let Some(found) = self.letters.iter_mut().find(|l| l.id == id) {
            found.visible_at_ms = at_ms;
        }
    }

    /// S3's notification of a new object.
    pub(super) fn announce(&mut self, now_ms: u64, created: &Created) {
        let event = value!({ "Records": [{
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": {
                "bucket": { "name": super::UPLOADS },
                "object": {
                    "key": form_encoded(&created.key),
                    "size": created.size_bytes,
                    "versionId": created.version_id,
                    "sequencer": format!("{:016X}", self.sent)
                }
            }
        }] });
        self.send(now_ms, UPLOADS_URL, &Value::String(event.to_string()));
    }
}

/// What a key keeps as it is in a notification; blanks become `+`.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'*')
    .remove(b' ');

fn form_encoded(key: &str) -> String {
    utf8_percent_encode(key, KEPT).to_string().replace(' ', "+")
}

/// The SDK takes the code from the header, as this service once spoke another protocol.
fn absent() -> HttpResponse {
    let kind = "com.amazonaws.sqs#QueueDoesNotExist";
    let mut reply = json_error(400, kind, "no such queue");
    let code = "AWS.SimpleQueueService.NonExistentQueue;Sender";
    reply.headers_mut().insert("x-amzn-query-error", code);
    reply
}

/// The message that a receipt handle is of. The services may ignore all but the latest handle; that
/// an earlier one works too is the harder case for whoever holds the latest.
fn handled(request: &Value) -> u64 {
    let handle = request["ReceiptHandle"].as_str().expect("a handle");
    let id = handle.split('#').next().unwrap_or_default();
    id.parse().expect("a handle of these queues")
}

fn seconds(field: &Value) -> Option<u64> {
    field.as_u64().map(|s| s * 1_000)
}
