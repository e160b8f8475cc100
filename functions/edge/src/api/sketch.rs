//! An operation while its handler's types tell of it.

use super::Says;
use crate::problem::kind::{self, Kind};
use schemars::{
    JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, transform::RecursiveTransform,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The schemas of what is read and of what is written: the same type may have one for each.
#[derive(Debug)]
pub(super) struct Schemas {
    pub(super) read: SchemaGenerator,
    pub(super) written: SchemaGenerator,
}

impl Schemas {
    /// In the dialect of OpenAPI 3.1, which is JSON Schema 2020-12.
    pub(super) fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
        };
        let written = settings().for_serialize();
        Self {
            read: settings()
                .with_transform(RecursiveTransform(bounded))
                .into_generator(),
            written: written
                .with_transform(RecursiveTransform(never_null))
                .into_generator(),
        }
    }
}

/// An integer that is read is no larger than its type.
fn bounded(schema: &mut Schema) {
    let (least, most) = match schema.get("format").and_then(Value::as_str) {
        Some("uint32") => (0, u64::from(u32::MAX)),
        Some("uint64") => (0, u64::MAX),
        Some("int32") => (i64::from(i32::MIN), u64::from(i32::MAX.unsigned_abs())),
        _ => return,
    };
    for (name, bound) in [("minimum", json!(least)), ("maximum", json!(most))] {
        if schema.get(name).is_none() {
            schema.insert(name.to_owned(), bound);
        }
    }
}

/// What may be left out of an answer is left out, and never null.
fn never_null(schema: &mut Schema) {
    let required: Vec<Value> = match schema.get("required") {
        Some(Value::Array(required)) => required.clone(),
        _ => Vec::new(),
    };
    let Some(Value::Object(properties)) = schema.get_mut("properties") else {
        return;
    };
    for (name, property) in properties {
        if required.iter().any(|r| r == name) {
            continue;
        }
        if let Some(Value::Array(types)) = property.get_mut("type") {
            types.retain(|kind| kind != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                if let Some(property) = property.as_object_mut() {
                    property.insert("type".to_owned(), only);
                }
            }
        }
        let some = match property.get("anyOf") {
            Some(Value::Array(any)) => any.iter().find(|s| **s != json!({ "type": "null" })),
            _ => None,
        };
        if let (Some(some), Some(property)) = (some.cloned(), property.as_object_mut()) {
            property.remove("anyOf");
            property.extend(some.as_object().cloned().unwrap_or_default());
        }
    }
}

/// An operation while its handler's types tell of it.
#[derive(Debug)]
pub struct Sketch<'a> {
    schemas: &'a mut Schemas,
    says: Says,
    /// The names in the path's braces.
    names: Vec<String>,
    parameters: Vec<Value>,
    body: Option<Value>,
    secured: bool,
    answers: BTreeMap<u16, Value>,
    problems: Vec<Kind>,
    /// Why the example is none.
    pub(super) wrong: Option<String>,
}

impl<'a> Sketch<'a> {
    pub(super) fn new(schemas: &'a mut Schemas, path: &str, says: Says) -> Self {
        let names = path.split('{').skip(1);
        let names = names.filter_map(|rest| rest.split('}').next());
        Self {
            schemas,
            says,
            names: names.map(str::to_owned).collect(),
            parameters: Vec::new(),
            body: None,
            secured: false,
            answers: BTreeMap::new(),
            problems: says.problems.to_vec(),
            wrong: None,
        }
    }

    /// It needs a token.
    pub fn secured(&mut self) {
        self.secured = true;
    }

    /// It may answer with this problem.
    pub fn problem(&mut self, kind: Kind) {
        if !self.problems.contains(&kind) {
            self.problems.push(kind);
        }
    }

    /// The next name in its path is one of these.
    pub fn address<T: JsonSchema>(&mut self) {
        let at = self.parameters.iter().filter(|p| p["in"] == "path").count();
        let name = self.names.get(at).cloned().unwrap_or_default();
        let schema = self.schemas.read.subschema_for::<T>();
        self.parameters
            .push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
    }

    /// It reads a parameter of the query.
    pub fn query<T: JsonSchema>(&mut self, name: &str, description: &str) {
        self.optional::<T>("query", name, description);
    }

    /// It reads a header.
    pub fn header<T: JsonSchema>(&mut self, name: &str, required: bool, description: &str) {
        self.optional::<T>("header", name, description);
        if let Some(last) = self.parameters.last_mut() {
            put(last, &["required"], required.into());
        }
    }

    fn optional<T: JsonSchema>(&mut self, place: &str, name: &str, description: &str) {
        let schema = self.schemas.read.subschema_for::<T>();
        self.parameters.push(json!({
            "name": name, "in": place, "required": false, "description": description, "schema": schema,
        }));
    }

    /// It reads a JSON body.
    pub fn body<T: JsonSchema + DeserializeOwned>(&mut self, required: bool) {
        let schema = self.schemas.read.subschema_for::<T>();
        let mut media = json!({ "schema": schema });
        if let Some(example) = self.says.example {
            match serde_json::from_str::<T>(example) {
                Ok(_) => put(
                    &mut media,
                    &["example"],
                    serde_json::from_str(example).unwrap_or_default(),
                ),
                Err(error) => self.wrong = Some(error.to_string()),
            }
        }
        self.body = Some(json!({ "required": required, "content": { "application/json": media } }));
    }

    /// It answers with JSON.
    pub fn json<T: JsonSchema>(&mut self, status: u16, description: &str) {
        let schema = self.schemas.written.subschema_for::<T>();
        self.answer(
            status,
            description,
            json!({ "content": { "application/json": { "schema": schema } } }),
        );
    }

    /// It answers with a page.
    pub fn page(&mut self, status: u16, description: &str) {
        let schema = json!({ "type": "string" });
        self.answer(
            status,
            description,
            json!({ "content": { "text/html": { "schema": schema } } }),
        );
    }

    /// It answers like this: `content` and `headers` of a response.
    pub fn answer(&mut self, status: u16, description: &str, mut response: Value) {
        put(&mut response, &["description"], description.into());
        self.answers.insert(status, response);
    }

    /// Its answer of this status has a header.
    pub fn answers_header(&mut self, status: u16, name: &str, description: &str) {
        if let Some(answer) = self.answers.get_mut(&status) {
            let said = json!({ "description": description, "schema": { "type": "string" } });
            put(answer, &["headers", name], said);
        }
    }

    /// As it stands in the document.
    pub(super) fn operation(mut self, tag: &str, scope: &str) -> Value {
        self.problem(kind::INTERNAL);
        self.problem(kind::BUSY);
        let mut responses = Map::new();
        for (status, answer) in &self.answers {
            responses.insert(status.to_string(), answer.clone());
        }
        self.problems.sort_by_key(|kind| (kind.status, kind.code));
        let mut statuses: Vec<u16> = self.problems.iter().map(|kind| kind.status).collect();
        statuses.dedup();
        for status in statuses {
            let kinds: Vec<&Kind> = self
                .problems
                .iter()
                .filter(|k| k.status == status)
                .collect();
            match responses.get_mut(&status.to_string()) {
                // It may also say so in another way, such as by a page.
                Some(said) => put(said, &["content", PROBLEM], problem_schema()),
                None => {
                    responses.insert(status.to_string(), problem(&kinds));
                }
            }
        }
        responses.insert("429".to_owned(), shared("TooMany"));
        let mut operation = json!({
            "operationId": self.says.id,
            "tags": [tag],
            "summary": self.says.summary,
            "responses": responses,
        });
        if self.secured {
            put(
                &mut operation,
                &["security"],
                json!([{ "bearer": [scope] }]),
            );
            put(&mut operation, &["responses", "401"], shared("NoToken"));
        }
        if !self.says.details.is_empty() {
            put(&mut operation, &["description"], self.says.details.into());
        }
        if !self.parameters.is_empty() {
            put(&mut operation, &["parameters"], self.parameters.into());
        }
        if let Some(body) = self.body {
            put(&mut operation, &["requestBody"], body);
        }
        operation
    }
}

/// The type of a problem.
const PROBLEM: &str = "application/problem+json";

/// Puts a value under these names, through objects that are made where there are none.
pub(super) fn put(into: &mut Value, names: &[&str], value: Value) {
    let mut at = into;
    for name in names {
        if !at.is_object() {
            *at = json!({});
        }
        let Value::Object(fields) = at else { return };
        at = fields.entry(*name).or_insert(Value::Null);
    }
    *at = value;
}

/// A response that many operations share.
fn shared(name: &str) -> Value {
    json!({ "$ref": format!("#/components/responses/{name}") })
}

fn problem_schema() -> Value {
    json!({ "schema": { "$ref": "#/components/schemas/Problem" } })
}

fn problem(kinds: &[&Kind]) -> Value {
    match kinds {
        [only] if **only == kind::INTERNAL => return shared("Internal"),
        [only] if **only == kind::BUSY => return shared("Busy"),
        [only] if **only == kind::NOT_FOUND => return shared("NotFound"),
        _ => {}
    }
    let words = kinds.iter().map(|k| format!("`{}`: {}.", k.code, k.title));
    let words: Vec<String> = words.collect();
    let mut answer = json!({
        "description": words.join(" "),
        "content": { PROBLEM: problem_schema() },
    });
    if kinds.iter().any(|kind| kind.status == kind::BUSY.status) {
        let retry = json!({ "$ref": "#/components/headers/RetryAfter" });
        put(&mut answer, &["headers", "Retry-After"], retry);
        // What stands before the function says so in its own words.
        let own = json!({ "schema": { "$ref": "#/components/schemas/GatewayMessage" } });
        put(&mut answer, &["content", "application/json"], own);
    }
    answer
}
