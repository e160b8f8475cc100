//! A JSON body's fields, each of which must be there.

use super::answer::Refusal;
use bytes::Bytes;
use http::Request;
use serde_json::Value;

pub(super) struct Fields(Value);

impl Fields {
    pub(super) fn read(request: &Request<Bytes>) -> Result<Self, Refusal> {
        serde_json::from_slice(request.body())
            .map(Self)
            .map_err(|_| Refusal::field("the JSON body"))
    }

    pub(super) fn of(value: &Value) -> Self {
        Self(value.clone())
    }

    /// A text, perhaps empty.
    pub(super) fn text(&self, name: &str) -> Result<&str, Refusal> {
        let found = self.0.get(name).and_then(Value::as_str);
        found.ok_or_else(|| Refusal::field(name))
    }

    /// A text that says something.
    pub(super) fn filled(&self, name: &str) -> Result<&str, Refusal> {
        let text = self.text(name)?;
        if text.is_empty() {
            return Err(Refusal::field(name));
        }
        Ok(text)
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        let found = self.0.get(name).and_then(Value::as_bool);
        found.ok_or_else(|| Refusal::field(name))
    }

    pub(super) fn rows(&self, name: &str) -> Result<Vec<Self>, Refusal> {
        let found = self.0.get(name).and_then(Value::as_array);
        let rows = found.ok_or_else(|| Refusal::field(name))?;
        Ok(rows.iter().map(Self::of).collect())
    }

    /// A number, also one that was written as a text.
    pub(super) fn number(&self, name: &str) -> Result<f64, Refusal> {
        let found = self.0.get(name);
        let number = found.and_then(|value| match value {
            Value::String(text) => text.parse().ok(),
            other => other.as_f64(),
        });
        number
            .filter(|number| number.is_finite())
            .ok_or_else(|| Refusal::field(name))
    }

    pub(super) fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }
}
