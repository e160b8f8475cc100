//! Where strangers' addresses may lead, and where not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_gateway::{Error, Http, Reach, Transport};
use bytes::Bytes;
use http::{Request, Response};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const AMPLE: Duration = Duration::from_secs(20);

#[test]
fn only_whole_addresses_of_somebody_on_the_internet_are_taken() {
    for good in [
        "https://erp.example/hooks?tenant=1",
        "https://erp.example:8443/",
        "https://1.1.1.1/",
        "https://[2606:4700::1111]/",
    ] {
        assert_eq!(Reach::Public.permits(good), Ok(()), "{good}");
    }
    for bad in [
        "erp.example",
        "",
        "http://erp.example/",
        "ftp://erp.example/",
        "file:///etc/passwd",
        "https://ani:secret@erp.example/",
        "https://ani@erp.example/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://172.31.255.255/",
        "https://192.168.1.1/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://017700000001/",
        "https://0.0.0.0/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://198.18.0.1/",
        "https://192.0.2.1/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[2002:a9fe:a9fe::1]/",
        "https://[2001::1]/",
        "https://[2001:db8::1]/",
        "https://[fe80::1]/",
        "https://[fd00:ec2::254]/",
        "https://[ff02::1]/",
    ] {
        assert!(Reach::Public.permits(bad).is_err(), "{bad}");
    }
}

#[test]
fn this_machine_may_be_called_for_development_and_nothing_else_more() {
    for good in [
        "http://127.0.0.1:9000/",
        "http://localhost:9000/",
        "http://[::1]:9000/",
        "https://127.0.0.1/",
        "https://erp.example/",
    ] {
        assert_eq!(Reach::Loopback.permits(good), Ok(()), "{good}");
    }
    for bad in [
        "http://erp.example/",
        "http://10.0.0.1/",
        "https://10.0.0.1/",
    ] {
        assert!(Reach::Loopback.permits(bad).is_err(), "{bad}");
    }
}

async fn called(reach: Reach, url: &str) -> Result<Response<Bytes>, Error> {
    let http = Http::outside(reach, AMPLE, AMPLE).unwrap();
    let request = Request::post(url).body(Bytes::from("body")).unwrap();
    http.send(request).await
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_not_called_though_the_name_is_fine() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("https://localhost:{port}/");
    assert_eq!(Reach::Public.permits(&url), Ok(()));
    let error = called(Reach::Public, &url).await.unwrap_err();
    assert!(
        matches!(&error, Error::NotSent(why) if why.contains("may be reached")),
        "{error}"
    );
    // Nor an address that stands there itself, whatever had taken it.
    let error = called(Reach::Public, &format!("https://127.0.0.1:{port}/"))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::NotSent(why) if why.contains("public")),
        "{error}"
    );
}

#[tokio::test]
async fn a_reply_is_read_to_the_end_of_its_head_and_a_redirect_not_followed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}/");
    let receiver = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"body") {
            seen.push(stream.read_u8().await.unwrap());
        }
        let reply = b"HTTP/1.1 302 F\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 9\r\n\r\n";
        stream.write_all(reply).await.unwrap();
        stream // open: the body never comes
    };
    let (reply, _open) = tokio::join!(called(Reach::Loopback, &url), receiver);
    let reply = reply.unwrap();
    assert_eq!(reply.status(), 302);
    assert!(reply.body().is_empty());
}
