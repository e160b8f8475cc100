//! One request.

use serde_json::{Map, Value};
use std::{collections::BTreeSet, fmt};

/// Whom a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// The table.
    Dynamo,
    /// The buckets.
    Storage,
    /// The queues.
    Queues,
    /// The state machines.
    Machines,
    /// The payment gateway.
    Gateway,
    /// The issuer.
    Issuer,
    /// Whoever is told by webhooks.
    Webhooks,
}

/// A request, as it was made.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its place in the run.
    pub index: usize,
    /// The process that made it.
    pub actor: String,
    /// For whom.
    pub service: Service,
    /// Which call.
    pub operation: String,
    /// The path.
    pub target: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Site {
    /// Whether the call may change something.
    #[must_use]
    pub fn writes(&self) -> bool {
        match self.service {
            Service::Dynamo => super::dynamo::writes(&self.operation),
            Service::Storage => matches!(self.operation.as_str(), "PUT" | "DELETE"),
            Service::Queues => true,
            Service::Machines => self.operation != "DescribeExecution",
            Service::Gateway | Service::Issuer | Service::Webhooks => self.operation == "POST",
        }
    }

    /// Whether it asks one of the many shards of the `due` index.
    #[must_use]
    pub fn asks_a_shard(&self) -> bool {
        self.operation == "Query" && self.text().contains("\"due_shard")
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The rows that a table request names.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        if self.service == Service::Dynamo
            && let Ok(body) = serde_json::from_slice::<Value>(&self.body)
        {
            collect(&body, &mut keys);
        }
        keys
    }
}

impl Site {
    /// What kind of request it is, whomever and whatever it is about.
    #[must_use]
    pub fn shape(&self) -> String {
        let detail = match self.service {
            Service::Dynamo => {
                let keys = self.keys().into_iter();
                let kinds: BTreeSet<_> = keys.map(|key| row_kind(&key)).collect();
                kinds.into_iter().collect::<Vec<_>>().join("+")
            }
            Service::Storage | Service::Gateway | Service::Issuer | Service::Webhooks => {
                path_kind(&self.target)
            }
            Service::Queues => message_kind(&self.body),
            Service::Machines => String::new(),
        };
        format!("{:?} {} {detail}", self.service, self.operation)
    }
}

/// `DOC#… LEDGER#…` is a document's ledger entry: the words without the names.
pub(super) fn row_kind(key: &str) -> String {
    let parts = key.split(' ').map(|part| {
        let kind = part.split('#').next().unwrap_or_default();
        kind.trim_end_matches('*')
    });
    parts.collect::<Vec<_>>().join("/")
}

/// A path's words without ids.
fn path_kind(target: &str) -> String {
    let path = target.split('?').next().unwrap_or_default();
    let is_serial = |word: &str| {
        let stem = word.split('.').next().unwrap_or_default();
        stem.contains("SERIAL") || stem.len() > 16 && stem.bytes().all(|b| b.is_ascii_hexdigit())
    };
    let is_name = |word: &str| is_serial(word) || word.len() >= 32 && word.contains('-');
    let words = path.split('/').filter(|w| !w.is_empty() && !is_name(w));
    words.collect::<Vec<_>>().join("/")
}

fn message_kind(body: &[u8]) -> String {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let message = request["MessageBody"].as_str().unwrap_or_default();
    let message: Value = serde_json::from_str(message).unwrap_or_default();
    let kinds = message.as_object().into_iter().flat_map(|o| o.keys());
    kinds.cloned().collect::<Vec<_>>().join("+")
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name)?.get("S")?.as_str()
}

/// The row that an item, or an item's key, is.
pub(super) fn key(fields: &Map<String, Value>) -> Option<String> {
    let (pk, sk) = (text(fields, "pk")?, text(fields, "sk")?);
    Some(format!("{pk} {sk}"))
}

fn collect(value: &Value, keys: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            keys.extend(key(fields));
            if let Some(pk) = text(fields, ":pk") {
                let named = text(fields, ":prefix").or_else(|| text(fields, ":first"));
                let prefix = named.unwrap_or_default();
                keys.push(format!("{pk} {prefix}*"));
            }
            for value in fields.values() {
                collect(value, keys);
            }
        }
        Value::Array(values) => values.iter().for_each(|v| collect(v, keys)),
        _ => {}
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "#{} [{}] {:?} {}",
            self.index, self.actor, self.service, self.operation
        )?;
        match self.service {
            Service::Dynamo => write!(f, " {}", self.keys().join(", ")),
            Service::Storage | Service::Gateway | Service::Issuer | Service::Webhooks => {
                write!(f, " {}", self.target)
            }
            Service::Queues | Service::Machines => write!(f, " {}", self.text()),
        }
    }
}
