//! The operator's desk, at the real handlers: operators do what a case allows, under their own name, and nobody else
//! does anything.

use crate::{
    make,
    money::{asked_back, books_are_whole, open_cases, paid, placed},
    told::{owed, registered},
};
use axum::body::Body;
use bubuh_core::{
    case::{Case, CaseKind},
    id::CaseId,
    order::OrderState,
    payment::Method as Pays,
    refund::{Made, RefundState},
};
use bubuh_desk::{App, router};
use bubuh_edge::{operator::Operators, serve::edged};
use bubuh_faults::world::{Retries, World, in_virtual_time};
use bubuh_steps::Resolution;
use http::{Method, Request};
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use tower::ServiceExt;

/// Every route, with names of things that there are not.
const ROUTES: [(Method, &str); 7] = [
    (Method::GET, "/v1/desk"),
    (Method::GET, "/v1/desk/cases"),
    (
        Method::GET,
        "/v1/desk/cases/00000000-0000-5000-8000-000000000000",
    ),
    (
        Method::POST,
        "/v1/desk/cases/00000000-0000-5000-8000-000000000000/resolve",
    ),
    (Method::GET, "/v1/desk/stories/nobody"),
    (
        Method::POST,
        "/v1/desk/events/00000000-0000-5000-8000-000000000000/replay",
    ),
    (Method::POST, "/v1/desk/sales"),
];

/// What the authorizer hands on of an operator's token.
fn sari() -> Value {
    json!({ "sub": "sari", "cognito:groups": "[staff operators]" })
}

async fn answer(
    world: &World,
    claims: &Value,
    (method, path): (Method, &str),
    body: Value,
) -> (u16, Value) {
    let app = App {
        cases: world.cases(),
    };
    let operators = Operators::read("cognito:groups=operators").unwrap();
    let mut request = Request::builder().method(method).uri(path);
    if !claims.is_null() {
        let jwt = json!({ "claims": claims, "scopes": [] });
        let context = json!({ "authorizer": { "jwt": jwt }, "http": { "method": "GET" } });
        let context = serde_json::from_value(context).unwrap();
        request = request.extension(RequestContext::ApiGatewayV2(context));
    }
    let body = match body {
        Value::Null => Body::empty(),
        body => Body::from(body.to_string()),
    };
    let answer = edged(router(app, operators)).oneshot(request.body(body).unwrap());
    let answer = answer.await.unwrap();
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await;
    (status, serde_json::from_slice(&body.unwrap()).unwrap())
}

async fn see(world: &World, path: &str) -> Value {
    let (status, body) = answer(world, &sari(), (Method::GET, path), Value::Null).await;
    assert_eq!(status, 200, "{body}");
    body
}

async fn act(world: &World, path: &str, body: Value) -> (u16, Value) {
    answer(world, &sari(), (Method::POST, path), body).await
}

async fn resolve(world: &World, id: CaseId, body: Value) -> (u16, Value) {
    act(world, &format!("/v1/desk/cases/{id}/resolve"), body).await
}

/// What a problem is about: its kind and field.
fn about((status, body): (u16, Value)) -> (u16, String) {
    let kind = body["type"].as_str().unwrap();
    let kind = kind.trim_start_matches("urn:bubuh:problem:").to_owned();
    let field = body["field"].as_str().map(|field| format!(" {field}"));
    (status, kind + &field.unwrap_or_default())
}

#[test]
fn nobody_but_an_operator_sees_or_does_anything_on_any_route() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let strangers = [
            (Value::Null, (401, "unauthorized")),
            (json!({ "sub": "budi" }), (403, "not-an-operator")),
            (
                json!({ "sub": "operators", "cognito:groups": "[staff]", "groups": "operators" }),
                (403, "not-an-operator"),
            ),
            // An operator's token that was made for other things.
            (
                json!({ "sub": "sari", "cognito:groups": "operators", "scope": "bubuh/orders.read" }),
                (403, "insufficient-scope"),
            ),
        ];
        for (method, path) in ROUTES {
            for (claims, (status, kind)) in &strangers {
                let body = json!({ "open": false, "as": "noted" });
                let refused = answer(&world, claims, (method.clone(), path), body).await;
                assert_eq!(about(refused), (*status, (*kind).to_owned()), "{path}");
            }
        }
        let switch = world.table().sales_switch().await.unwrap();
        assert_eq!(switch.closed, None, "nothing was turned");
    });
}

#[test]
fn a_case_is_shown_with_the_ways_in_which_it_may_end_and_ends_once_in_the_operators_name() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let order = paid(&world, Pays::BankTransfer).await;
        let refund = asked_back(&world, order).await;
        world.refunds().step(order, refund.key).await.unwrap();
        let listed = see(&world, "/v1/desk/cases").await;
        let case = &listed["cases"][0];
        assert_eq!(listed["cases"].as_array().unwrap().len(), 1);
        assert_eq!(case["kind"], "payout_due");
        assert_eq!(case["subject"], refund.key.to_string());
        assert_eq!(case["order"], order.to_string());
        assert_eq!(case["ways"], json!(["retry", "paid", "keep", "noted"]));
        let id: CaseId = case["id"].as_str().unwrap().parse().unwrap();
        for (body, refused) in [
            (json!({ "as": "paid" }), (422, "invalid reference")),
            (
                json!({ "as": "keep", "reference": "TX-1" }),
                (422, "invalid reference"),
            ),
            (json!({ "as": "forget" }), (400, "unreadable")),
            // What is for other kinds, and what does not fit this one yet.
            (json!({ "as": "won" }), (409, "not-now")),
            (json!({ "as": "lost" }), (409, "not-now")),
            (json!({ "as": "place" }), (409, "not-now")),
            (json!({ "as": "write_off" }), (409, "not-now")),
            (json!({ "as": "noted" }), (409, "not-now")),
            (json!({ "as": "retry" }), (409, "not-now")),
        ] {
            let answered = about(resolve(&world, id, body.clone()).await);
            assert_eq!(answered, (refused.0, refused.1.to_owned()), "{body}");
        }
        assert_eq!(open_cases(&world).await.len(), 1);
        let paid = json!({ "as": "paid", "reference": " TX-1 " });
        let (status, closed) = resolve(&world, id, paid.clone()).await;
        assert_eq!(status, 200, "{closed}");
        assert_eq!(closed["closed"]["by"], "sari");
        assert_eq!(closed["ways"], json!([]));
        let (status, again) = resolve(&world, id, paid).await;
        assert_eq!(status, 409, "{again}");
        let row = world.table().refund(order, refund.key).await.unwrap();
        let row = row.unwrap();
        assert_eq!(row.state, RefundState::Refunded);
        assert_eq!(row.made, Some(Made::ByHand("TX-1".to_owned())));
        let shown = see(&world, &format!("/v1/desk/cases/{id}")).await;
        assert_eq!(shown["closed"]["outcome"], "paid by hand");
        assert_eq!(see(&world, "/v1/desk/cases").await, json!({ "cases": [] }));
        books_are_whole(&world).await;
    });
}

#[test]
fn on_a_bad_day_cases_come_a_page_at_a_time_the_oldest_first_and_each_once() {
    in_virtual_time(|| async {
        let world = World::new(1, Retries::None);
        let mut opened = Vec::new();
        for nth in 0..201 {
            let kind = CaseKind::DocumentStalled(make::document_id(&nth.to_string()).to_string());
            let case = Case::open(kind, make::account("ani"), String::new(), world.now_ms(), 0);
            opened.push(case.id.to_string());
            world.table().commit(&[case.create()]).await.unwrap();
            world.wait(1_000);
        }
        let glance = see(&world, "/v1/desk").await;
        assert_eq!(glance["cases"]["operator"]["count"], 200);
        assert_eq!(glance["cases"]["operator"]["oldest_ms"], 201_000);
        assert_eq!(glance["cases_and_more"], true);
        let (mut seen, mut path) = (Vec::new(), "/v1/desk/cases".to_owned());
        let mut pages = Vec::new();
        loop {
            let page = see(&world, &path).await;
            let cases = page["cases"].as_array().unwrap();
            pages.push(cases.len());
            seen.extend(cases.iter().map(|c| c["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else {
                break;
            };
            let next = next.replace('#', "%23");
            path = format!("/v1/desk/cases?from={next}");
        }
        assert_eq!(seen, opened);
        assert_eq!(pages, [50, 50, 50, 50, 1]);
        // One that was ended is not among them.
        let id = opened[0].parse().unwrap();
        let case = world.table().case(id).await.unwrap().unwrap();
        let ended = case.close("sari", "noted", world.now_ms()).unwrap();
        world.table().commit(&[ended]).await.unwrap();
        let page = see(&world, "/v1/desk/cases").await;
        assert_eq!(page["cases"][0]["id"], *opened[1]);
    });
}

#[test]
fn sales_stop_for_a_time_or_until_somebody_opens_them_and_it_says_who_turned_them() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let sales = "/v1/desk/sales";
        for (body, field) in [
            (json!({ "open": false, "minutes": 0 }), "minutes"),
            (json!({ "open": false, "minutes": 10_081 }), "minutes"),
            (json!({ "open": true, "minutes": 5 }), "minutes"),
        ] {
            let refused = about(act(&world, sales, body.clone()).await);
            assert_eq!(refused, (422, format!("invalid {field}")), "{body}");
        }
        let closing = json!({ "open": false, "minutes": 30 });
        let (status, closed) = act(&world, sales, closing).await;
        assert_eq!((status, &closed["open"]), (200, &json!(false)));
        assert_eq!(closed["by"], "sari");
        assert_eq!(closed["closed_until"], "2026-09-21T14:43:20Z");
        let glance = see(&world, "/v1/desk").await;
        assert_eq!(
            glance["sales_closed"],
            json!({ "ms_ago": 0, "ms_left": 30 * 60_000, "by": "sari" })
        );
        world.wait(30 * 60_000);
        let glance = see(&world, "/v1/desk").await;
        assert_eq!(glance["sales_closed"], Value::Null);
        placed(&world, Pays::Qris).await;
        act(&world, sales, json!({ "open": false })).await;
        world.wait(365 * 24 * 3_600_000);
        let glance = see(&world, "/v1/desk").await;
        assert_eq!(glance["sales_closed"]["by"], "sari");
        let (status, open) = act(&world, sales, json!({ "open": true })).await;
        assert_eq!((status, open), (200, json!({ "open": true, "by": "sari" })));
    });
}

#[test]
fn the_whole_is_seen_at_a_glance_and_one_thing_from_beginning_to_end() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let order = paid(&world, Pays::BankTransfer).await;
        let refund = asked_back(&world, order).await;
        world.refunds().step(order, refund.key).await.unwrap();
        world.wait(60_000);
        let glance = see(&world, "/v1/desk").await;
        assert_eq!(
            glance["cases"],
            json!({ "buyer": { "count": 1, "oldest_ms": 60_000 } })
        );
        assert_eq!(glance["lanes"][0]["lane"], "single");
        assert!(glance["sellable"].as_i64().unwrap() > 0, "{glance}");
        let story = see(&world, &format!("/v1/desk/stories/{order}")).await;
        let events = story["events"].as_array().unwrap();
        let what: Vec<&str> = events.iter().map(|e| e["what"].as_str().unwrap()).collect();
        let credited = format!("order {}", OrderState::Credited.name());
        assert_eq!(what[0], "order awaiting_payment");
        assert!(what.contains(&credited.as_str()), "{what:?}");
        let refunded = format!("refund {} payout, Rp20000", refund.key);
        assert!(what.contains(&refunded.as_str()), "{what:?}");
        assert!(
            events
                .iter()
                .all(|e| e["at"].as_str().unwrap().ends_with('Z'))
        );
        for nothing in ["nobody", "0", "%20", &"9".repeat(200)] {
            let path = format!("/v1/desk/stories/{nothing}");
            let lost = answer(&world, &sari(), (Method::GET, &path), Value::Null).await;
            assert_eq!(about(lost), (404, "not-found".to_owned()), "{nothing}");
        }
    });
}

#[test]
fn an_event_is_told_once_more_when_an_operator_says_so() {
    in_virtual_time(|| async {
        let world = World::new(1, Retries::None);
        registered(&world, "ani", "erp").await;
        let event = owed(&world, "ani", "d").await;
        world.courier().pass().await.unwrap();
        assert_eq!(world.receiver.heard().len(), 1);
        let replay = format!("/v1/desk/events/{}/replay", event.id);
        world.wait(1_000);
        let (status, story) = act(&world, &replay, Value::Null).await;
        assert_eq!(status, 202, "{story}");
        let events = story["events"].as_array().unwrap().iter();
        let replayed = events.filter(|e| e["what"] == "replayed").count();
        assert_eq!(replayed, 1, "{story}");
        world.courier().pass().await.unwrap();
        let heard = world.receiver.heard();
        assert_eq!(heard.len(), 2);
        assert_eq!(heard[0].id, heard[1].id, "under its old name");
    });
}

#[test]
fn two_operators_who_end_a_case_at_once_end_it_once() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let order = paid(&world, Pays::BankTransfer).await;
        let refund = asked_back(&world, order).await;
        world.refunds().step(order, refund.key).await.unwrap();
        let id = open_cases(&world).await.remove(0).id;
        let commits = |site: &bubuh_faults::cloud::Site| site.operation == "TransactWriteItems";
        let held = world.cloud.hold(commits);
        let slow = {
            let world = world.clone();
            tokio::spawn(async move {
                resolve(&world, id, json!({ "as": "paid", "reference": "TX-1" })).await
            })
        };
        held.reached().await;
        let kept = world.cases().resolve(id, &Resolution::Keep, "budi").await;
        assert!(kept.unwrap().closed.is_some());
        held.release();
        let (status, _) = slow.await.unwrap();
        assert_eq!(status, 409);
        let row = world.table().refund(order, refund.key).await.unwrap();
        assert_eq!(row.unwrap().state, RefundState::Reversed);
        books_are_whole(&world).await;
    });
}
