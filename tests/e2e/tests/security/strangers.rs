//! Another's account.

use super::{Held, method, of_the_desk, secured};
use bubuh::client::Client;
use bubuh_e2e::Run;
use reqwest::Method;
use serde_json::Value;

/// What its owner sees of it.
async fn seen(held: &Held, owner: &Client) -> [Value; 2] {
    let order = format!("/v1/orders/{}", held.order);
    let document = format!("/v1/documents/{}", held.document);
    let mut seen = [Value::Null, Value::Null];
    for (seen, path) in seen.iter_mut().zip([order, document]) {
        *seen = owner
            .send(Method::GET, &path, None, None)
            .await
            .unwrap()
            .body;
        // Signed anew each time.
        seen.as_object_mut().unwrap().remove("upload");
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn on_no_route_does_anybody_see_or_change_what_is_anothers() {
    let run = Run::start().await;
    let (ani, budi) = (run.client("ani"), run.client("budi"));
    let held = Held::by(&run, &ani).await;
    let before = seen(&held, &ani).await;
    let (named, listed): (Vec<_>, Vec<_>) = secured()
        .into_iter()
        .filter(|o| !of_the_desk(o))
        .partition(|o| o.route.path.contains('{'));
    for operation in &named {
        let path = held.path(&operation.route.path);
        let answer = budi.send(method(operation), &path, Some("key"), operation.example());
        let answer = answer.await.unwrap();
        assert_eq!(
            (answer.status, answer.text("type")),
            (404, "urn:bubuh:problem:not-found"),
            "{:?}",
            operation.route
        );
    }
    let lists = listed.iter().filter(|o| o.route.verb == "GET");
    for operation in lists {
        let path = &operation.route.path;
        let answer = budi.send(Method::GET, path, None, None).await.unwrap();
        assert_eq!(answer.status, 200, "{path}");
        let text = answer.body.to_string();
        assert!(
            !held.ids().iter().any(|id| text.contains(id)),
            "{path}: {text}"
        );
    }
    assert_eq!(
        seen(&held, &ani).await,
        before,
        "nothing of it changed anything"
    );

    // The addresses lead somewhere: their owner comes in. From the end, where what ends them is not yet.
    for operation in named.iter().rev() {
        let path = held.path(&operation.route.path);
        let answer = ani.send(method(operation), &path, Some("own"), operation.example());
        let status = answer.await.unwrap().status;
        let closed = [401, 403, 404].contains(&status) || status >= 500;
        assert!(!closed, "{status}: {:?}", operation.route);
    }
    run.books_are_clean().await;
    run.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_is_no_operator_sees_or_does_anything_at_the_desk() {
    let run = Run::start().await;
    let ani = run.client("ani");
    let held = Held::by(&run, &ani).await;
    let (operator, namesake) = (run.client("operator"), run.client("operators"));
    let desk: Vec<_> = secured().into_iter().filter(of_the_desk).collect();
    assert!(desk.len() > 5, "{desk:?}");
    for operation in &desk {
        let path = held.path(&operation.route.path);
        // Not even the owner of what stands in the path.
        for stranger in [&ani, &namesake] {
            let answer = stranger.send(method(operation), &path, None, operation.example());
            let answer = answer.await.unwrap();
            assert_eq!(
                (answer.status, answer.text("type")),
                (403, "urn:bubuh:problem:not-an-operator"),
                "{:?}",
                operation.route
            );
        }
        let answer = operator.send(method(operation), &path, None, operation.example());
        let status = answer.await.unwrap().status;
        assert!([200, 400, 404].contains(&status), "{status}: {path}");
    }
    run.end().await;
}
