//! A token that names scopes, as an integrator's does.

use super::{Held, method, of_the_desk, secured};
use bubuh::client::Client;
use bubuh_e2e::{Run, api::Operation};
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_scopes_does_on_every_route_what_they_say_and_nothing_else() {
    let run = Run::start().await;
    let held = Held::by(&run, &run.client("ani")).await;
    let scopes: BTreeSet<String> = secured().iter().map(|o| o.scope().to_owned()).collect();
    let with = |operation: &Operation, scope: &str| {
        let who = if of_the_desk(operation) {
            "operator"
        } else {
            "ani"
        };
        let token = run.stack.token_for(who, scope).unwrap();
        Client::new(&run.stack.api, token)
    };
    for operation in secured() {
        let path = held.path(&operation.route.path);
        let others: Vec<_> = scopes.iter().filter(|s| *s != operation.scope()).collect();
        let others: String = others.iter().map(|s| format!("{s} ")).collect();
        for lacking in [others.as_str(), "bubuh/", "openid bubuh/everything"] {
            let lacking = with(&operation, lacking);
            let answer = lacking.send(method(&operation), &path, Some("key"), operation.example());
            let answer = answer.await.unwrap();
            assert_eq!(
                (answer.status, answer.text("type")),
                (403, "urn:bubuh:problem:insufficient-scope"),
                "{:?}",
                operation.route
            );
            assert!(answer.text("detail").contains(operation.scope()));
        }
    }
    // Only now, for some of them change what others read.
    for operation in secured() {
        let path = held.path(&operation.route.path);
        let enough = with(&operation, operation.scope());
        let answer = enough.send(method(&operation), &path, Some("key"), operation.example());
        let status = answer.await.unwrap().status;
        assert!(
            ![401, 403, 500, 503].contains(&status),
            "{status}: {:?}",
            operation.route
        );
    }
    run.end().await;
}
