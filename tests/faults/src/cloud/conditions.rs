//! The conditions that the table's requests carry: which there are, and one of them said otherwise on
//! its way. They are text, out of reach for a tool that mutates code.

use super::{
    Cloud, Service, Site,
    site::{key, row_kind},
};
use serde_json::{Map, Value, json};

/// On what a kind of row is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    /// The kinds of its two keys.
    pub row: String,
    /// The condition, in the table's words.
    pub text: String,
}

/// A condition as the table gets to see it.
pub(crate) struct Reworded {
    condition: Condition,
    /// `None`: not at all.
    to: Option<String>,
}

type Fields = Map<String, Value>;

impl Condition {
    fn of(fields: &Fields) -> Option<Self> {
        let text = fields.get("ConditionExpression")?.as_str()?.to_owned();
        let named = fields.get("Item").or_else(|| fields.get("Key"))?;
        let row = row_kind(&key(named.as_object()?)?);
        Some(Self { row, text })
    }
}

impl Site {
    /// The conditions of a request to the table.
    #[must_use]
    pub fn conditions(&self) -> Vec<Condition> {
        let mut request = match self.service {
            Service::Dynamo => serde_json::from_slice(&self.body).unwrap_or_default(),
            _ => Value::Null,
        };
        let actions = actions(&mut request).into_iter();
        actions.filter_map(|fields| Condition::of(fields)).collect()
    }
}

impl Cloud {
    /// From now on the table sees this condition said otherwise, or not at all.
    pub fn reword(&self, condition: Condition, to: Option<String>) {
        self.lock().reworded = Some(Reworded { condition, to });
    }
}

impl Reworded {
    pub(super) fn apply(&self, body: &[u8]) -> Vec<u8> {
        let mut request: Value = serde_json::from_slice(body).expect("a request");
        for fields in actions(&mut request) {
            if Condition::of(fields).as_ref() != Some(&self.condition) {
                continue;
            }
            match &self.to {
                Some(text) => {
                    fields.insert("ConditionExpression".to_owned(), json!(text));
                    drop_unused(fields);
                }
                None => drop_condition(fields),
            }
        }
        request.to_string().into_bytes()
    }
}

/// The puts, updates and deletes of a request, alone or in a transaction.
fn actions(request: &mut Value) -> Vec<&mut Fields> {
    if request["TransactItems"].is_array() {
        let parts = request["TransactItems"].as_array_mut();
        let parts = parts.into_iter().flatten().filter_map(Value::as_object_mut);
        let inner = parts.flat_map(|part| part.values_mut());
        return inner.filter_map(Value::as_object_mut).collect();
    }
    request.as_object_mut().into_iter().collect()
}

/// An action without its condition.
pub(super) fn drop_condition(fields: &mut Fields) {
    fields.remove("ConditionExpression");
    drop_unused(fields);
}

/// A name or value that is not used any more would be refused.
fn drop_unused(fields: &mut Fields) {
    let said = ["UpdateExpression", "ConditionExpression"];
    let said: Vec<_> = said.iter().filter_map(|name| fields.get(*name)).collect();
    let said: Vec<String> = said.iter().map(ToString::to_string).collect();
    for words in ["ExpressionAttributeNames", "ExpressionAttributeValues"] {
        let used = |word: &str| said.iter().any(|text| text.contains(word));
        if let Some(Value::Object(words)) = fields.get_mut(words) {
            words.retain(|word, _| used(word));
        }
        if fields.get(words).is_some_and(|w| w == &json!({})) {
            fields.remove(words);
        }
    }
}
