//! Served on a socket: the real client over HTTP, deliveries, and what a restart keeps.

use crate::common::{KEY, qris, refund};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use bubuh_core::Rupiah;
use bubuh_gateway::{
    ChargeRequest, Error, Gateway, Http, Midtrans, TransactionStatus, Xendit, notification,
};
use bubuh_sandbox::{Call, Config, FaultKind, FaultSpec, Sandbox, serve};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{net::TcpListener, sync::mpsc};

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn config() -> Config {
    Config {
        retry_scale: 0.000_1,
        ..Config::new(KEY.into())
    }
}

fn client(sandbox: &Sandbox) -> Midtrans<Http> {
    let patience = Duration::from_secs(20);
    Midtrans::new(
        sandbox.url(),
        KEY.into(),
        Http::new(patience, patience).unwrap(),
    )
}

async fn control(sandbox: &Sandbox, verb: reqwest::Method, path: &str, body: &str) -> String {
    let request = reqwest::Client::new()
        .request(verb, format!("{}/sandbox/{path}", sandbox.url()))
        .body(body.to_owned());
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

/// A merchant that refuses the first `failures` notifications, and passes on what arrives.
async fn merchant(failures: usize) -> (String, mpsc::UnboundedReceiver<Bytes>) {
    type Passed = (Arc<AtomicUsize>, mpsc::UnboundedSender<Bytes>);
    async fn take(State((left, arrived)): State<Passed>, body: Bytes) -> StatusCode {
        arrived.send(body).unwrap();
        let failing = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
            left.checked_sub(1)
        });
        if failing.is_ok() {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::OK
        }
    }
    let (sender, receiver) = mpsc::unbounded_channel();
    let state: Passed = (Arc::new(AtomicUsize::new(failures)), sender);
    let router = Router::new().route("/n", post(take)).with_state(state);
    let listener = listener().await;
    let url = format!("http://{}/n", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, receiver)
}

async fn next(arrivals: &mut mpsc::UnboundedReceiver<Bytes>) -> TransactionStatus {
    let body = tokio::time::timeout(Duration::from_secs(30), arrivals.recv());
    let body = body.await.expect("no notification").unwrap();
    let read = notification::verify(&body, &KEY.into());
    read.unwrap().transaction_status
}

#[tokio::test]
async fn a_purchase_and_its_refund_run_over_http_with_notifications() {
    let sandbox = serve(listener().await, config()).await.unwrap();
    let gateway = client(&sandbox);
    let charged = gateway.charge(&qris("o1")).await.unwrap();
    // The address comes after the first charge, as it does when the stack is deployed late.
    let (url, mut arrivals) = merchant(0).await;
    let address = format!("{{\"url\":\"{url}\"}}");
    control(&sandbox, reqwest::Method::PUT, "notification-url", &address).await;
    assert_eq!(next(&mut arrivals).await, TransactionStatus::Pending);
    control(&sandbox, reqwest::Method::POST, "orders/o1/pay", "").await;
    assert_eq!(next(&mut arrivals).await, TransactionStatus::Settlement);
    assert!(
        gateway
            .status(&charged.transaction_id)
            .await
            .unwrap()
            .paid()
    );
    let reply = gateway.refund("o1", &refund("k1", 100_000)).await.unwrap();
    assert_eq!(reply.refund_amount, Some(Rupiah::new(100_000)));
    assert_eq!(next(&mut arrivals).await, TransactionStatus::Refund);
    let books = control(&sandbox, reqwest::Method::GET, "transactions", "").await;
    assert!(books.contains("\"remaining\":0"), "{books}");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_refused_notification_comes_again_until_it_is_taken() {
    let (url, mut arrivals) = merchant(3).await;
    let config = Config {
        notification_url: Some(url),
        ..config()
    };
    let sandbox = serve(listener().await, config).await.unwrap();
    client(&sandbox).charge(&qris("o1")).await.unwrap();
    for _ in 0..4 {
        assert_eq!(next(&mut arrivals).await, TransactionStatus::Pending);
    }
    sandbox.shutdown().await;
    assert!(arrivals.try_recv().is_err(), "taken and sent again");
}

#[tokio::test]
async fn a_lost_reply_breaks_the_connection_of_an_applied_call() {
    let sandbox = serve(listener().await, config()).await.unwrap();
    let gateway = client(&sandbox);
    let fault = FaultSpec::once(FaultKind::ReplyLost).at(Call::Charge);
    sandbox.with(|bank, _| bank.set_fault(fault)).unwrap();
    let error = gateway.charge(&qris("o1")).await.unwrap_err();
    assert!(matches!(error, Error::LostReply(_)), "{error:?}");
    let retry = gateway.charge(&qris("o1")).await;
    assert!(
        matches!(retry, Err(Error::DuplicateOrder { .. })),
        "{retry:?}"
    );
}

#[tokio::test]
async fn what_was_answered_survives_a_stop_without_warning() {
    let folder = tempfile::tempdir().unwrap();
    let state_file = folder.path().join("bank.json");
    let kept = || Config {
        state_file: Some(state_file.clone()),
        ..config()
    };
    let first = serve(listener().await, kept()).await.unwrap();
    let charged = client(&first).charge(&qris("o1")).await.unwrap();
    control(&first, reqwest::Method::POST, "orders/o1/pay", "{}").await;
    // A copy of the file as it is now, while the first still runs: what a crash leaves.
    let copy = folder.path().join("crashed.json");
    std::fs::copy(&state_file, &copy).unwrap();
    let crashed = Config {
        state_file: Some(copy),
        ..config()
    };
    let second = serve(listener().await, crashed).await.unwrap();
    let status = client(&second).status("o1").await.unwrap();
    assert!(status.paid());
    assert_eq!(status.transaction_id, charged.transaction_id);
    first.shutdown().await;
    second.shutdown().await;
    let third = serve(listener().await, kept()).await.unwrap();
    assert!(client(&third).status("o1").await.unwrap().paid());
    let stored = std::fs::read_to_string(&state_file).unwrap();
    assert!(!stored.contains(KEY), "the key is on disk");
}

#[tokio::test]
async fn a_state_file_has_one_owner_and_a_damaged_one_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let state_file = folder.path().join("bank.json");
    let kept = || Config {
        state_file: Some(state_file.clone()),
        ..config()
    };
    let first = serve(listener().await, kept()).await.unwrap();
    let error = serve(listener().await, kept()).await.unwrap_err();
    assert!(error.to_string().contains("in use"), "{error}");
    first.shutdown().await;
    std::fs::write(&state_file, "{\"next\":").unwrap();
    let error = serve(listener().await, kept()).await.unwrap_err();
    assert!(matches!(error, bubuh_sandbox::Error::State(_)), "{error:?}");
    assert_eq!(std::fs::read_to_string(&state_file).unwrap(), "{\"next\":");
}

#[tokio::test]
async fn a_hundred_charges_of_one_order_at_once_make_one() {
    let folder = tempfile::tempdir().unwrap();
    let state_file = Some(folder.path().join("bank.json"));
    let sandbox = serve(
        listener().await,
        Config {
            state_file,
            ..config()
        },
    )
    .await
    .unwrap();
    let gateway = Arc::new(client(&sandbox));
    let charges = (0..100).map(|_| {
        let gateway = gateway.clone();
        tokio::spawn(async move { gateway.charge(&qris("o1")).await })
    });
    let mut made = 0;
    for charge in futures::future::join_all(charges).await {
        match charge.unwrap() {
            Ok(_) => made += 1,
            Err(error) => assert!(matches!(error, Error::DuplicateOrder { .. }), "{error:?}"),
        }
    }
    assert_eq!(made, 1);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn ten_megabytes_are_not_read() {
    let sandbox = serve(listener().await, config()).await.unwrap();
    let answer = reqwest::Client::new()
        .post(format!("{}/v2/charge", sandbox.url()))
        .body(vec![b' '; 10 << 20])
        .send()
        .await;
    // The server may close before the client has sent all.
    assert!(answer.is_err() || answer.is_ok_and(|answer| answer.status() == 413));
    assert!(client(&sandbox).charge(&qris("o1")).await.is_ok());
}

/// Xendit's client, and a request that expires later than now.
fn xendit(sandbox: &Sandbox, order_id: &str) -> (Xendit<Http>, ChargeRequest) {
    let patience = Duration::from_secs(20);
    let http = Http::new(patience, patience).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let expires_at = now + Duration::from_secs(900);
    let request = ChargeRequest {
        expires_at_ms: u64::try_from(expires_at.as_millis()).unwrap(),
        ..qris(order_id)
    };
    (Xendit::new(sandbox.url(), KEY.into(), http), request)
}

#[tokio::test]
async fn a_purchase_and_its_refund_run_over_xendits_api_with_tokens_and_time() {
    let (heard, mut hears) = mpsc::unbounded_channel();
    let take = move |headers: HeaderMap, body: Bytes| async move {
        let token = headers
            .get("x-callback-token")
            .map(|value| value.as_bytes());
        let hint = notification::xendit::verify(token, &body, &"token".into()).unwrap();
        heard.send(hint.order_id.unwrap()).unwrap();
    };
    let router = Router::new().route("/n", post(take));
    let merchant = listener().await;
    let url = format!("http://{}/n", merchant.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(merchant, router).await });
    let config = Config {
        callback_token: Some("token".into()),
        refund_pending_ms: 300,
        notification_url: Some(url),
        ..config()
    };
    let sandbox = serve(listener().await, config).await.unwrap();
    let (gateway, request) = xendit(&sandbox, "o1");
    let charged = gateway.charge(&request).await.unwrap();
    assert_eq!(charged.expires_at_ms, Some(request.expires_at_ms));
    control(&sandbox, reqwest::Method::POST, "orders/o1/pay", "{}").await;
    assert_eq!(hears.recv().await.unwrap(), "o1");
    let id = charged.transaction_id.as_str();
    assert!(gateway.status(id).await.unwrap().paid());
    let reply = gateway.refund(id, &refund("k1", 100_000)).await.unwrap();
    assert!(!reply.made);
    // The bank decides by itself, and tells.
    assert_eq!(hears.recv().await.unwrap(), "o1");
    let seen = gateway.status(id).await.unwrap();
    assert_eq!(seen.transaction_status, TransactionStatus::Refund);
    assert_eq!(seen.refunded, Rupiah::new(100_000));
}

#[tokio::test]
async fn fifty_charges_and_refunds_of_one_key_at_once_make_one_over_xendits_api() {
    let sandbox = serve(listener().await, config()).await.unwrap();
    let (gateway, request) = xendit(&sandbox, "o1");
    let charges = (0..50).map(|_| gateway.charge(&request));
    let charged = futures::future::join_all(charges).await;
    let first = charged[0].clone().unwrap();
    assert!(charged.iter().all(|one| one.as_ref() == Ok(&first)));
    control(&sandbox, reqwest::Method::POST, "orders/o1/pay", "{}").await;
    // All look before any has asked: only the idempotency key is left to keep them apart.
    let (one, rupiah) = (refund("k1", 40_000), Rupiah::new(40_000));
    let refunds = (0..50).map(|_| gateway.refund(&first.transaction_id, &one));
    for reply in futures::future::join_all(refunds).await {
        assert_eq!(reply.unwrap().refund_amount, Some(rupiah));
    }
    let seen = gateway.status("o1").await.unwrap();
    assert_eq!(seen.refunding.len(), 1);
    assert_eq!(sandbox.with(|bank, _| bank.transactions().count()), 1);
}
