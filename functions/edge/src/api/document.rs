//! The OpenAPI 3.1 document.

use super::{
    Described, Mount, Says, Verb,
    sketch::{Schemas, Sketch, put},
};
use crate::{Problem, scope};
use axum::handler::Handler;
use serde_json::{Map, Value, json};

/// The OpenAPI document of the routes that are mounted on it.
#[derive(Debug)]
pub struct Api {
    schemas: Schemas,
    paths: Map<String, Value>,
    wrong: Vec<String>,
}

impl Default for Api {
    fn default() -> Self {
        Self {
            schemas: Schemas::new(),
            paths: Map::new(),
            wrong: Vec::new(),
        }
    }
}

impl<S> Mount<S> for Api {
    fn on<H, T, D>(mut self, verb: Verb, path: &str, _: H, says: Says) -> Self
    where
        H: Handler<T, S> + Described<D>,
        T: 'static,
    {
        let mut sketch = Sketch::new(&mut self.schemas, path, says);
        H::describe(&mut sketch);
        if let Some(wrong) = sketch.wrong.take() {
            self.wrong
                .push(format!("the example of {}: {wrong}", says.id));
        }
        let scope = scope::needed(&verb.method(), path);
        let operation = sketch.operation(scope::door(path), &scope);
        let verbs = self.paths.entry(path).or_insert_with(|| json!({}));
        let method = verb.method().as_str().to_ascii_lowercase();
        if verbs.get(&method).is_some() {
            self.wrong.push(format!("{method} {path} is mounted twice"));
        }
        put(verbs, &[&method], operation);
        self
    }
}

impl Api {
    /// The document.
    ///
    /// # Errors
    /// A sentence: an example that its handler would not read, a type with two schemas, a route mounted twice.
    pub fn document(mut self, version: &str) -> Result<Value, String> {
        let _ = self.schemas.written.subschema_for::<Problem>();
        let mut schemas = self.schemas.read.take_definitions(true);
        for (name, schema) in self.schemas.written.take_definitions(true) {
            if schemas.get(&name).is_some_and(|read| *read != schema) {
                self.wrong
                    .push(format!("{name} is read and written by two schemas"));
            }
            schemas.insert(name, schema);
        }
        schemas.insert("GatewayMessage".to_owned(), message());
        if !self.wrong.is_empty() {
            return Err(self.wrong.join("; "));
        }
        Ok(json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Bubuh",
                "version": version,
                "description": ABOUT,
                "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            },
            "servers": [{ "url": "/", "description": "Where this document is." }],
            "paths": self.paths,
            "components": {
                "schemas": schemas,
                "responses": responses(),
                "headers": { "RetryAfter": {
                    "description": "Seconds after which to send the same request again.",
                    "schema": { "type": "integer", "minimum": 0 },
                } },
                "securitySchemes": { "bearer": {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": BEARER,
                } },
            },
        }))
    }
}

const ABOUT: &str = "Buying e-Meterai and putting them on documents. What you pay for is never lost, and every document \
is stamped exactly once.\n\nRequests that take an `Idempotency-Key` may be sent again with the same key and body: they \
give the same resource. Errors are RFC 9457 problems in English (`detail`) and Indonesian (`detail_id`). Amounts are \
whole rupiah, times RFC 3339 in UTC. Unknown fields in answers should be ignored; in requests they are refused.";

const BEARER: &str = "An access token of the OIDC issuer that this deployment trusts; its `sub` is the account. A token \
that names scopes beginning with `bubuh/` may do what they say and nothing else; one that names none may do all.";

/// What the API's gateway says by itself.
fn message() -> Value {
    json!({
        "description": "The API's gateway, in its own words.",
        "type": "object",
        "required": ["message"],
        "properties": { "message": { "type": "string" } },
    })
}

fn responses() -> Value {
    let own = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
    let gateways = json!({ "schema": { "$ref": "#/components/schemas/GatewayMessage" } });
    let both = json!({ "application/problem+json": own, "application/json": gateways });
    let retry = json!({ "Retry-After": { "$ref": "#/components/headers/RetryAfter" } });
    json!({
        "NoToken": { "description": "`unauthorized`: no token, or none that holds here and now.", "content": both },
        "NotFound": {
            "description": "`not-found`: nothing here for this caller.",
            "content": { "application/problem+json": own },
        },
        "TooMany": {
            "description": "`too-many-requests`: of this account; or the API's gateway is asked too much. Try again shortly.",
            "headers": retry, "content": both,
        },
        "Internal": { "description": "`internal`: a mistake of ours; nothing is lost.", "content": both },
        "Busy": {
            "description": "`busy`: send the same request with the same key again; nothing is done twice.",
            "headers": retry, "content": both,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{At, Body, Caller, Key, answer::Created, problem::kind};
    use axum::{Json, extract::State};
    use bubuh_core::{id::OrderId, money::Stamps};
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    #[derive(Deserialize, Serialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        count: Stamps,
        note: Option<String>,
        shift: Option<i32>,
    }

    #[derive(Serialize, JsonSchema)]
    struct Told {
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        always: Option<u8>,
    }

    async fn make(
        _: State<()>,
        _: Caller,
        _: Key,
        _: At<OrderId>,
        _: Body<Asked>,
    ) -> Result<Created<Told>, Problem> {
        Err(Problem::busy())
    }

    async fn look() -> Json<Told> {
        Json(Told {
            note: None,
            always: None,
        })
    }

    const MAKE: Says = Says::new("make", "Makes one")
        .problems(&[kind::SOLD_OUT])
        .example(r#"{"count":1}"#);

    fn api(says: Says) -> Result<Value, String> {
        let api: Api = Mount::<()>::get(
            Api::default(),
            "/v1/things",
            look,
            Says::new("look", "Looks"),
        );
        Mount::<()>::post(api, "/v1/things/{id}", make, says).document("1")
    }

    #[test]
    fn an_operation_is_what_its_handlers_types_are() {
        let document = api(MAKE).unwrap();
        let make = &document["paths"]["/v1/things/{id}"]["post"];
        assert_eq!(
            make["security"],
            json!([{ "bearer": ["bubuh/things.write"] }])
        );
        assert_eq!(make["tags"], json!(["things"]));
        let named = |at: usize| {
            (
                make["parameters"][at]["name"].as_str().unwrap(),
                make["parameters"][at]["in"].as_str().unwrap(),
            )
        };
        assert_eq!(
            [named(0), named(1)],
            [("Idempotency-Key", "header"), ("id", "path")]
        );
        let statuses: Vec<_> = make["responses"].as_object().unwrap().keys().collect();
        assert_eq!(
            statuses,
            [
                "201", "400", "401", "403", "404", "413", "422", "429", "500", "503"
            ]
        );
        let busy = make["responses"]["503"]["description"].as_str().unwrap();
        assert!(
            busy.contains("`busy`") && busy.contains("`sold-out`"),
            "{busy}"
        );
        let body = &make["requestBody"]["content"]["application/json"];
        assert_eq!(body["example"], json!({ "count": 1 }));
        let look = &document["paths"]["/v1/things"]["get"];
        assert_eq!(look.get("security"), None);
    }

    #[test]
    fn what_may_be_left_out_is_never_null_in_answers_and_may_be_in_requests() {
        let schemas = &api(MAKE).unwrap()["components"]["schemas"];
        let [told, asked] = ["Told", "Asked"].map(|name| &schemas[name]);
        assert_eq!(told["properties"]["note"]["type"], "string");
        assert_eq!(told["required"], json!(["always"]));
        assert_eq!(
            told["properties"]["always"]["type"],
            json!(["integer", "null"])
        );
        assert_eq!(
            asked["properties"]["note"]["type"],
            json!(["string", "null"])
        );
        assert_eq!(asked["additionalProperties"], false);
    }

    #[test]
    fn a_number_in_a_request_has_the_bounds_of_its_type() {
        let schemas = &api(MAKE).unwrap()["components"]["schemas"];
        let shift = &schemas["Asked"]["properties"]["shift"];
        let bounds = (&shift["minimum"], &shift["maximum"]);
        assert_eq!(bounds, (&json!(i32::MIN), &json!(i32::MAX)));
        assert_eq!(schemas["Stamps"]["maximum"], u32::MAX);
    }

    #[test]
    fn an_example_that_its_handler_would_refuse_is_an_error() {
        let wrong = api(MAKE.example(r#"{"counts":1}"#)).unwrap_err();
        assert!(wrong.contains("the example of make"), "{wrong}");
    }

    #[test]
    fn a_route_that_is_mounted_twice_is_an_error() {
        let says = Says::new("look", "Looks");
        let api: Api = Mount::<()>::get(Api::default(), "/v1/things", look, says);
        let api: Api = Mount::<()>::get(api, "/v1/things", look, says);
        assert!(api.document("1").unwrap_err().contains("mounted twice"));
    }
}
