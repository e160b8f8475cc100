//! Webhooks of both gateways at the real handler: what is not the gateway's is refused and changes no row.

use crate::make;
use axum::body::Body;
use bubuh_core::{
    id::{IdempotencyKey, Sha256},
    money::Stamps,
    payment::Method,
};
use bubuh_edge::serve::edged;
use bubuh_faults::{
    cloud::Teller,
    world::{PRICE, Retries, World, in_virtual_time},
};
use bubuh_gateway::{Gateway, Midtrans, SecretString, Xendit, notification::Proof};
use bubuh_purchase::{App, router};
use bubuh_sandbox::{Bank, Pay};
use bubuh_steps::{Sales, order::Request as Wanted};
use http::{Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt;

const TOKEN: &str = "a callback token of no merchant";

fn sales<G: Gateway>(world: &World, gateway: G) -> Sales<G> {
    Sales {
        line: world.line(),
        longest_wait_ms: None,
        table: world.table(),
        queues: world.queues(),
        workflows: world.workflows(),
        gateway,
        ambient: world.ambient(),
        unit_price: PRICE,
        allowance: Stamps::ZERO,
        settle_within_ms: None,
    }
}

fn xendit(world: &World) -> Xendit<Teller<Bank>> {
    Xendit::new(
        "http://gateway.test",
        world.server_key.clone(),
        world.teller(),
    )
}

fn midtrans(world: &World) -> Midtrans<Teller<Bank>> {
    Midtrans::new(
        "http://gateway.test",
        world.server_key.clone(),
        world.teller(),
    )
}

/// An order that is paid at the bank, and the body of the webhook that tells so.
async fn paid<G: Gateway>(world: &World, gateway: G) -> Vec<u8> {
    let request = Wanted {
        key: IdempotencyKey::new("key").unwrap(),
        quantity: Stamps::new(2),
        method: Method::Qris,
        hash: Sha256::of(b"request"),
    };
    let order = sales(world, gateway)
        .place(&make::account("ani"), request)
        .await
        .unwrap();
    let pay = Pay::default();
    let paid = world
        .bank
        .with(|bank, now_ms| bank.pay(now_ms, &order.id.to_string(), pay));
    paid.unwrap();
    let due = world
        .bank
        .with(|bank, now_ms| bank.due_notifications(now_ms));
    due.last().unwrap().request.body().to_vec()
}

struct Hook {
    token: Option<&'static str>,
    content_type: &'static str,
    body: Vec<u8>,
}

async fn answer<G: Gateway + 'static>(world: &World, app: (G, Proof), hook: Hook) -> (u16, Value) {
    let (gateway, proof) = app;
    let path = format!("/v1/payments/{}/notifications", proof.gateway());
    let mut request = Request::post(path).header("content-type", hook.content_type);
    if let Some(token) = hook.token {
        request = request.header("x-callback-token", token);
    }
    let app = App {
        sales: sales(world, gateway),
        hooks: world.hooks(),
        proof,
    };
    let request = request.body(Body::from(hook.body)).unwrap();
    let answer = edged(router(app)).oneshot(request).await.unwrap();
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await;
    let body = serde_json::from_slice(&body.unwrap()).unwrap_or_default();
    (status.as_u16(), body)
}

fn proof_of_xendit() -> Proof {
    Proof::Xendit(SecretString::from(TOKEN))
}

const JSON: &str = "application/json";

#[test]
fn only_xendits_own_webhook_changes_a_row_and_only_once() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let genuine = paid(&world, xendit(&world)).await;
        let hook = |token, content_type, body: &[u8]| Hook {
            token,
            content_type,
            body: body.to_vec(),
        };
        let mut large = genuine.clone();
        large.resize(10_000_000, b' ');
        let cut = &genuine[..genuine.len() - 1];
        let before = world.cloud.items();
        for (what, hook, status, code) in [
            (
                "another token",
                hook(Some("x"), JSON, &genuine),
                403,
                "not-believed",
            ),
            ("no token", hook(None, JSON, &genuine), 403, "not-believed"),
            ("cut", hook(Some(TOKEN), JSON, cut), 400, "unreadable"),
            ("10 MB", hook(Some(TOKEN), JSON, &large), 413, "too-large"),
            (
                "text",
                hook(Some(TOKEN), "text/plain", &genuine),
                415,
                "not-json",
            ),
        ] {
            let (answered, problem) =
                answer(&world, (xendit(&world), proof_of_xendit()), hook).await;
            assert_eq!(answered, status, "{what}: {problem}");
            assert_eq!(
                problem["type"],
                format!("urn:bubuh:problem:{code}"),
                "{what}"
            );
            assert_ne!(problem["detail"], problem["detail_id"], "{what}");
            assert_eq!(world.cloud.items(), before, "{what}");
        }
        let mut last = before;
        for nth in 0..3 {
            let hook = hook(Some(TOKEN), JSON, &genuine);
            let answered = answer(&world, (xendit(&world), proof_of_xendit()), hook).await;
            assert_eq!(answered.0, StatusCode::OK.as_u16());
            let items = world.cloud.items();
            assert_eq!(items != last, nth == 0, "only the first changes something");
            last = items;
        }
    });
}

#[test]
fn a_midtrans_notification_without_a_signature_is_not_believed() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let genuine = paid(&world, midtrans(&world)).await;
        let mut unsigned: Value = serde_json::from_slice(&genuine).unwrap();
        unsigned.as_object_mut().unwrap().remove("signature_key");
        let before = world.cloud.items();
        let proof = || Proof::Midtrans(world.server_key.clone());
        for (body, status) in [(unsigned.to_string().into_bytes(), 403), (genuine, 200)] {
            let hook = Hook {
                token: None,
                content_type: JSON,
                body,
            };
            let answered = answer(&world, (midtrans(&world), proof()), hook).await;
            assert_eq!(answered.0, status);
            assert_eq!(world.cloud.items() == before, status == 403);
        }
    });
}
