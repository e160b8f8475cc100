//! The API's description: made of the handlers, deployed as it says, and kept by what is served.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_e2e::api::{Route, deployed, described, operations};
use bubuh_enqueue::openapi::DOCUMENT;
use serde_json::Value;
use std::collections::BTreeSet;

const TEMPLATE: &str = include_str!("../../../infra/template.yaml");

#[test]
fn the_document_that_is_served_is_the_one_that_the_handlers_give() {
    let document = described().unwrap();
    if std::env::var_os("BUBUH_WRITE_GOLDEN").is_some() {
        let golden = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../functions/enqueue/openapi.json"
        );
        let text = serde_json::to_string_pretty(&document).unwrap();
        std::fs::write(golden, text + "\n").unwrap();
        return;
    }
    let served: Value = serde_json::from_str(DOCUMENT).unwrap();
    let differ = |part: &str| served[part] != document[part];
    let parts = ["info", "paths", "components"].into_iter();
    let parts: Vec<&str> = parts.filter(|part| differ(part)).collect();
    assert!(
        served == document,
        "BUBUH_WRITE_GOLDEN=1 writes it anew; these differ: {parts:?}"
    );
}

#[test]
fn every_deployed_route_is_described_and_every_described_one_deployed_with_the_same_door() {
    let document = described().unwrap();
    let described = operations(&document).into_iter().map(|o| o.route);
    let described: BTreeSet<Route> = described.collect();
    let deployed = deployed(TEMPLATE);
    let only = |one: &BTreeSet<Route>, other| one.difference(other).cloned().collect::<Vec<_>>();
    assert_eq!(only(&deployed, &described), [], "has no operation");
    assert_eq!(only(&described, &deployed), [], "is not deployed");
    assert!(deployed.len() > 20, "the template was read");
}

#[test]
fn a_sign_in_of_ones_own_gives_the_scopes_that_requests_need_and_no_others() {
    let document = described().unwrap();
    let secured = operations(&document).into_iter();
    let secured = secured.filter(|o| o.route.secured);
    let needed: BTreeSet<String> = secured.map(|o| o.scope().to_owned()).collect();
    let given = TEMPLATE.split("ScopeName: ").skip(1);
    let given = given.map(|rest| format!("bubuh/{}", rest.split(',').next().unwrap()));
    assert_eq!(given.collect::<BTreeSet<String>>(), needed);
}

#[test]
fn every_operation_has_a_name_of_its_own_and_every_reference_leads_somewhere() {
    let document = described().unwrap();
    let mut names = BTreeSet::new();
    for operation in operations(&document) {
        let name = operation.said["operationId"].as_str().unwrap().to_owned();
        assert!(names.insert(name.clone()), "{name} names two");
    }
    let mut waiting = vec![&document];
    let mut seen = 0;
    while let Some(value) = waiting.pop() {
        if let Some(to) = value.get("$ref").and_then(Value::as_str) {
            let pointer = to.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{to}");
            seen += 1;
        }
        match value {
            Value::Object(fields) => waiting.extend(fields.values()),
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    assert!(seen > 50, "{seen}");
}
