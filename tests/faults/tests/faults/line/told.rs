//! What owners and the public are told over HTTP.

use super::given::{self, Given, accepted, given};
use bubuh_edge::serve::edged;
use bubuh_enqueue::http_entry::router;
use bubuh_faults::{
    sim::signed_in,
    world::{World, in_virtual_time},
};
use http::{HeaderMap, Request, StatusCode, header};
use lambda_http::Body;
use serde_json::{Value, json};
use tower::ServiceExt;

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn cached(&self) -> &str {
        self.headers[header::CACHE_CONTROL].to_str().unwrap()
    }
}

async fn answer(world: &World, request: http::request::Builder, body: Value) -> Answer {
    let body = match body {
        Value::Null => Body::Empty,
        value => Body::from(value.to_string()),
    };
    let mut request = request.body(body).unwrap();
    request.extensions_mut().insert(signed_in("ani"));
    let answer = edged(router(world.desk())).oneshot(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    }
}

async fn get(world: &World, path: &str) -> Answer {
    answer(world, Request::get(path), Value::Null).await
}

/// Forty documents, the first and the last Ani's, that workers finish at two a second, looked at every five seconds, so
/// that the pace is known.
async fn busy() -> World {
    let Given { world } = given("ani", 2).await;
    for n in 0..10 {
        given::buys(&world, &format!("citizen-{n}"), 4).await;
    }
    for n in 0..40 {
        let citizen = format!("citizen-{}", n / 4);
        let owner = if [0, 39].contains(&n) {
            "ani"
        } else {
            &citizen
        };
        accepted(&world, owner, n).await;
    }
    for n in 0..30 {
        if n % 10 == 0 {
            world.watch().look().await.unwrap();
            world.wait(5_000);
        }
        given::stamped(&world, n).await;
    }
    world.watch().look().await.unwrap();
    world
}

#[test]
fn the_lanes_are_told_to_everyone_and_may_be_cached_and_an_unchanged_answer_is_not_sent_again() {
    in_virtual_time(|| async {
        let world = busy().await;
        let told = get(&world, "/v1/queue").await;
        assert_eq!(told.status, StatusCode::OK);
        assert!(
            told.cached().starts_with("public, max-age="),
            "{}",
            told.cached()
        );
        let single = &told.body["lanes"]["single"];
        assert_eq!(
            (&single["served"], &single["issued"]),
            (&json!(30), &json!(40))
        );
        assert_eq!(single["waiting"], 10);
        let pace = |name: &str| single["per_hour"][name].as_u64().unwrap();
        assert!(
            pace("slowest") < 7_200 && pace("fastest") > 7_200,
            "{single}"
        );
        let tag = told.headers[header::ETAG].clone();
        let known = Request::get("/v1/queue").header(header::IF_NONE_MATCH, tag.clone());
        let again = answer(&world, known, Value::Null).await;
        assert_eq!(
            (again.status, &again.body),
            (StatusCode::NOT_MODIFIED, &Value::Null)
        );
        world.wait(5_000);
        world.watch().look().await.unwrap();
        let known = Request::get("/v1/queue").header(header::IF_NONE_MATCH, tag);
        assert_eq!(
            answer(&world, known, Value::Null).await.status,
            StatusCode::OK
        );
    });
}

#[test]
fn an_owner_is_told_place_range_and_first_promise_and_no_cache_keeps_it() {
    in_virtual_time(|| async {
        let world = busy().await;
        let last = given::row(&world, 39).await;
        let told = get(&world, &format!("/v1/documents/{}", last.id)).await;
        assert_eq!(told.cached(), "private, no-store");
        assert_eq!(
            (&told.body["position"], &told.body["ticket"]),
            (&json!(10), &json!(40))
        );
        let eta = &told.body["eta"];
        assert!(eta["earliest"].as_str() < eta["latest"].as_str(), "{eta}");
        assert_eq!(eta.get("may_miss_deadline"), None);
        let first = given::row(&world, 0).await;
        let told = get(&world, &format!("/v1/documents/{}", first.id)).await;
        assert_eq!(
            (told.body.get("position"), told.body.get("eta")),
            (None, None)
        );
        assert_eq!(
            told.body["promised"],
            Value::Null,
            "nobody had looked when it came"
        );
    });
}

#[test]
fn who_comes_to_a_known_lane_is_promised_a_range_that_is_kept_with_the_document() {
    in_virtual_time(|| async {
        let Given { world } = given("ani", 2).await;
        world.watch().look().await.unwrap();
        let row = accepted(&world, "ani", 0).await;
        let promise = row.promised.unwrap();
        assert!(promise.earliest_ms >= world.now_ms() && promise.latest_ms > promise.earliest_ms);
        assert!(row.due_at_ms.unwrap() > promise.latest_ms);
        given::stamped(&world, 0).await;
        let row = given::row(&world, 0).await;
        assert_eq!(row.promised, Some(promise));
        let told = get(&world, &format!("/v1/documents/{}", row.id)).await;
        assert!(told.body["promised"]["latest"].is_string());
    });
}

#[test]
fn a_deadline_moves_nothing_and_is_said_to_be_at_risk_when_the_range_passes_it() {
    in_virtual_time(|| async {
        let world = busy().await;
        let announce = |key: &str, deadline: &str| {
            let body = json!({
                "name": "surat.pdf", "size": 6, "sha256": "0".repeat(64), "document_type": "3",
                "deadline": deadline
            });
            let request = Request::post("/v1/documents")
                .header("content-type", "application/json")
                .header("idempotency-key", key.to_owned());
            (request, body)
        };
        let (request, body) = announce("k", "besok");
        let refused = answer(&world, request, body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.body["field"], "deadline");
        let (request, body) = announce("l", "2026-12-01T23:59:00+07:00");
        let taken = answer(&world, request, body).await;
        assert_eq!(taken.status, StatusCode::CREATED);
        assert_eq!(taken.body["deadline"], "2026-12-01T16:59:00Z");
        for (at_ms, risk) in [(world.now_ms(), true), (u64::MAX / 2, false)] {
            let mut row = given::row(&world, 39).await;
            let expect = bubuh_core::write::Expect::Version(row.version);
            row.version += 1;
            row.deadline_ms = Some(at_ms);
            let put = bubuh_core::write::Put {
                expect,
                row: row.clone(),
            };
            let write = bubuh_core::write::Write::Document(Box::new(put));
            world.table().commit(&[write]).await.unwrap();
            let told = get(&world, &format!("/v1/documents/{}", row.id)).await;
            assert_eq!(told.body["eta"]["may_miss_deadline"], risk);
        }
    });
}

#[test]
fn lanes_that_nobody_looked_at_for_minutes_are_not_told() {
    in_virtual_time(|| async {
        let world = busy().await;
        world.wait(3 * 60 * 1_000);
        assert_eq!(get(&world, "/v1/queue").await.body, json!({ "lanes": {} }));
        let last = given::row(&world, 39).await;
        let told = get(&world, &format!("/v1/documents/{}", last.id)).await;
        assert_eq!(
            (told.body.get("position"), told.body.get("eta")),
            (None, None)
        );
    });
}
