//! Reading a gateway's JSON leniently: a number for a text or a new field must not break a
//! payment, only what is needed and not there does.

use crate::{Error, amount};
use bubuh_core::Rupiah;
use serde_json::{Map, Value};

/// A JSON object from a gateway.
#[derive(Debug)]
pub(crate) struct Reply(Map<String, Value>);

impl Reply {
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Some(Self(fields)),
            _ => None,
        }
    }

    pub(crate) fn raw(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }

    pub(crate) fn text(&self, field: &str) -> Option<String> {
        text(self.0.get(field)?)
    }

    pub(crate) fn required(&self, field: &'static str) -> Result<String, Error> {
        self.text(field)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Error::MalformedReply(format!("no {field}")))
    }

    pub(crate) fn amount(&self, field: &'static str) -> Result<Rupiah, Error> {
        amount::parse(&self.required(field)?)
            .ok_or_else(|| Error::MalformedReply(format!("{field} is no amount in whole rupiah")))
    }

    pub(crate) fn object(&self, field: &str) -> Option<Self> {
        self.0.get(field)?.as_object().cloned().map(Self)
    }

    /// A list of objects; what is not an object in it is left out.
    pub(crate) fn list(&self, field: &str) -> Vec<Self> {
        let Some(Value::Array(entries)) = self.0.get(field) else {
            return Vec::new();
        };
        entries
            .iter()
            .filter_map(|entry| entry.as_object().cloned().map(Self))
            .collect()
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
