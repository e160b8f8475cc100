//! The API as its handlers tell it, and as the template deploys it.

use bubuh_edge::api::Api;
use bubuh_gateway::{AnyGateway, Http};
use serde_json::Value;
use std::collections::BTreeSet;

/// Every gateway that the template has a route for.
const GATEWAYS: [&str; 2] = ["midtrans", "xendit"];

/// The document that the handlers give.
///
/// # Errors
/// What is wrong in it.
pub fn described() -> Result<Value, String> {
    type Chosen = AnyGateway<Http>;
    let api = bubuh_enqueue::http_entry::routes(Api::default());
    let api = bubuh_purchase::routes::<Chosen, _>(api);
    let api = bubuh_desk::routes::<Chosen, _>(api);
    let api = GATEWAYS.iter().fold(api, |api, gateway| {
        bubuh_purchase::notifications::<Chosen, _>(api, gateway)
    });
    api.document(env!("CARGO_PKG_VERSION"))
}

/// A route: its method, its path with names in braces, and whether it takes a token.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The method, in upper case.
    pub verb: String,
    /// The path.
    pub path: String,
    /// Whether it takes a token.
    pub secured: bool,
}

/// An operation of the document.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Where it is.
    pub route: Route,
    /// What the document says of it.
    pub said: Value,
}

impl Operation {
    /// A body that it takes, where it takes one.
    #[must_use]
    pub fn example(&self) -> Option<&Value> {
        self.said
            .pointer("/requestBody/content/application~1json/example")
    }

    /// The scope that a token needs which names any.
    ///
    /// # Panics
    /// When it takes no token.
    #[must_use]
    pub fn scope(&self) -> &str {
        let scope = self.said.pointer("/security/0/bearer/0");
        scope.and_then(Value::as_str).expect("a scope")
    }

    /// Whether it answers with a page for people.
    #[must_use]
    pub fn is_page(&self) -> bool {
        self.said
            .pointer("/responses/200/content/text~1html")
            .is_some()
    }
}

/// The operations of a document.
#[must_use]
pub fn operations(document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, verbs) in document["paths"].as_object().expect("paths") {
        for (verb, said) in verbs.as_object().expect("operations") {
            let route = Route {
                verb: verb.to_ascii_uppercase(),
                path: path.clone(),
                secured: said.get("security").is_some(),
            };
            let said = said.clone();
            found.push(Operation { route, said });
        }
    }
    found
}

/// The routes of `infra/template.yaml`.
#[must_use]
pub fn deployed(template: &str) -> BTreeSet<Route> {
    let resources = template.split("Type: AWS::ApiGatewayV2::Route").skip(1);
    let route = |resource: &str| {
        let of = |field: &str| {
            let mut lines = resource.lines().map(str::trim);
            let line = lines.find_map(|line| line.strip_prefix(field));
            line.expect("a route has it").trim().to_owned()
        };
        let key = of("RouteKey:");
        let (verb, path) = key.split_once(' ').expect("a method and a path");
        Route {
            verb: verb.to_owned(),
            path: path.to_owned(),
            secured: match of("AuthorizationType:").as_str() {
                "JWT" => true,
                "NONE" => false,
                other => panic!("{key} is behind {other}"),
            },
        }
    };
    resources.map(route).collect()
}
