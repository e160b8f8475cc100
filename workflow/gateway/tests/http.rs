//! The transport over sockets: which failures certainly left nothing applied.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_gateway::{Error, Http, Transport};
use bytes::Bytes;
use http::{Request, Response};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

async fn get(port: u16, overall: Duration) -> Result<Response<Bytes>, Error> {
    let request = Request::get(format!("http://127.0.0.1:{port}/secret-path"))
        .body(Bytes::new())
        .unwrap();
    Http::new(Duration::from_secs(5), overall)
        .unwrap()
        .send(request)
        .await
}

/// Reads the request's head, answers `reply` and closes.
async fn once(reply: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut stream = head(&listener).await;
        let _ = stream.write_all(&reply).await;
    });
    port
}

async fn head(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n") {
        seen.push(stream.read_u8().await.unwrap());
    }
    stream
}

const AMPLE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_whole_reply_arrives() {
    let port = once(b"HTTP/1.1 418 T\r\ncontent-length: 2\r\n\r\nok".to_vec()).await;
    let reply = get(port, AMPLE).await.unwrap();
    assert_eq!(reply.status(), 418);
    assert_eq!(reply.body().as_ref(), b"ok");
}

#[tokio::test]
async fn a_refused_connection_was_never_sent() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let error = get(port, AMPLE).await.unwrap_err();
    assert!(matches!(error, Error::NotSent(_)), "{error:?}");
    assert!(error.retryable() && !error.outcome_unknown());
}

#[tokio::test]
async fn a_connection_closed_without_a_reply_lost_it() {
    let error = get(once(Vec::new()).await, AMPLE).await.unwrap_err();
    assert!(matches!(error, Error::LostReply(_)), "{error:?}");
    assert!(error.retryable() && error.outcome_unknown());
}

#[tokio::test]
async fn a_reply_cut_short_is_lost() {
    let port = once(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf".to_vec()).await;
    let error = get(port, AMPLE).await.unwrap_err();
    assert!(matches!(error, Error::LostReply(_)), "{error:?}");
}

#[tokio::test]
async fn a_server_that_never_answers_times_out_as_a_lost_reply() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (result, _open) = tokio::join!(get(port, Duration::from_millis(200)), head(&listener));
    let error = result.unwrap_err();
    assert!(matches!(error, Error::LostReply(_)), "{error:?}");
}

#[tokio::test]
async fn a_reply_without_end_is_cut_off() {
    let mut reply = b"HTTP/1.1 200 OK\r\ncontent-length: 10485760\r\n\r\n".to_vec();
    reply.resize(10 << 20, b' ');
    let error = get(once(reply).await, AMPLE).await.unwrap_err();
    assert!(matches!(error, Error::MalformedReply(_)), "{error:?}");
}

#[tokio::test]
async fn a_redirect_is_handed_back() {
    let port = once(
        b"HTTP/1.1 302 F\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".to_vec(),
    )
    .await;
    assert_eq!(get(port, AMPLE).await.unwrap().status(), 302);
}

#[tokio::test]
async fn errors_do_not_tell_the_address() {
    let error = get(once(Vec::new()).await, AMPLE).await.unwrap_err();
    assert!(!error.to_string().contains("secret-path"), "{error}");
}
