//! Signed links: for the named key, size, checksum and time, and for nothing else. Not tried: a request without any
//! signature, which the emulator serves; the template closes its buckets to the public, and checkov sees that it does.

use aws_sdk_s3::presigning::PresigningConfig;
use bubuh::{client::Answer, sample::letter};
use bubuh_e2e::Run;
use reqwest::{Client, Method, Url, header::HeaderMap};
use std::time::{Duration, SystemTime};

/// A request that a link allows, or was changed from one.
#[derive(Clone)]
struct Try {
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Try {
    /// What the link in an answer allows.
    fn of(link: &serde_json::Value, body: &[u8]) -> Self {
        let headers = link["headers"].as_object().unwrap().iter();
        let headers = headers.map(|(name, value)| {
            let value = value.as_str().unwrap();
            (name.parse().unwrap(), value.parse().unwrap())
        });
        Self {
            method: link["method"].as_str().unwrap().parse().unwrap(),
            url: link["url"].as_str().unwrap().to_owned(),
            headers: headers.collect(),
            body: body.to_vec(),
        }
    }

    async fn status(&self) -> u16 {
        let request = Client::new()
            .request(self.method.clone(), &self.url)
            .headers(self.headers.clone());
        let answer = request.body(self.body.clone()).send().await.unwrap();
        answer.status().as_u16()
    }

    /// With a parameter of its query changed.
    fn query(mut self, name: &str, value: &str) -> Self {
        let mut url = Url::parse(&self.url).unwrap();
        let pairs: Vec<(String, String)> = url
            .query_pairs()
            .map(|(n, v)| match &*n == name {
                true => (n.into_owned(), value.to_owned()),
                false => (n.into_owned(), v.into_owned()),
            })
            .collect();
        assert!(pairs.iter().any(|(n, _)| n == name), "{name} is in it");
        url.query_pairs_mut().clear().extend_pairs(pairs);
        self.url = url.into();
        self
    }

    fn signed(&self) -> String {
        let url = Url::parse(&self.url).unwrap();
        let signed = url
            .query_pairs()
            .find(|(name, _)| name == "X-Amz-SignedHeaders");
        signed.unwrap().1.into_owned()
    }
}

fn changed(good: &Try, document: &str) -> Vec<(&'static str, Try)> {
    let with = |change: &dyn Fn(&mut Try)| {
        let mut changed = good.clone();
        change(&mut changed);
        changed
    };
    let other = bubuh_core::id::DocumentId::derive(&["another"]).to_string();
    let digest = good.headers["x-amz-checksum-sha256"].to_str().unwrap();
    let (first, rest) = digest.split_at(1);
    let digest = format!("{}{rest}", if first == "A" { "B" } else { "A" });
    vec![
        (
            "another key",
            with(&|t| t.url = t.url.replace(document, &other)),
        ),
        ("a longer file", with(&|t| t.body.push(b' '))),
        ("a shorter file", with(&|t| t.body.truncate(10))),
        ("another file of that size", with(&|t| t.body[20] ^= 1)),
        (
            "another file with its own checksum",
            with(&|t| {
                t.headers
                    .insert("x-amz-checksum-sha256", digest.parse().unwrap());
            }),
        ),
        (
            "no checksum",
            with(&|t| drop(t.headers.remove("x-amz-checksum-sha256"))),
        ),
        (
            "over what is there",
            with(&|t| drop(t.headers.remove("if-none-match"))),
        ),
        ("another method", with(&|t| t.method = Method::GET)),
        ("deleting", with(&|t| t.method = Method::DELETE)),
        (
            "a longer life",
            good.clone().query("X-Amz-Expires", "604800"),
        ),
        (
            "another day",
            good.clone().query("X-Amz-Date", "20990101T000000Z"),
        ),
        (
            "another signature",
            good.clone().query("X-Amz-Signature", &"0".repeat(64)),
        ),
    ]
}

fn link(document: &Answer) -> &serde_json::Value {
    &document.body["upload"]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_link_takes_the_announced_file_once_and_nothing_else() {
    let run = Run::start().await;
    let ani = run.client("ani");
    let file = letter();
    let document = ani.announce("doc", "surat.pdf", &file).await.unwrap();
    let id = document.text("id");
    let good = Try::of(link(&document), &file);
    for header in [
        "content-length",
        "host",
        "if-none-match",
        "x-amz-checksum-sha256",
    ] {
        assert!(
            good.signed().split(';').any(|signed| signed == header),
            "{header}"
        );
    }
    for (what, attempt) in changed(&good, id) {
        let status = attempt.status().await;
        assert!([400, 403].contains(&status), "{what}: {status}");
    }
    assert_eq!(good.status().await, 200, "nothing of it was stored");
    assert_eq!(good.status().await, 412, "once");
    run.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_link_gives_one_file_for_a_quarter_of_an_hour() {
    let run = Run::start().await;
    let (ani, budi) = (run.client("ani"), run.client("budi"));
    let mut files = Vec::new();
    for client in [&ani, &budi] {
        run.buy(client, "order", 1).await;
        let path = run.submit(client, "doc", &letter()).await;
        files.push(run.stamped(client, &path).await);
    }
    let url = |document: &Answer| document.text("download_url").to_owned();
    let good = Try {
        method: Method::GET,
        url: url(&files[0]),
        headers: HeaderMap::new(),
        body: Vec::new(),
    };
    assert!(good.url.contains("X-Amz-Expires=900"));
    assert_eq!(good.status().await, 200);
    let path = |url: &str| Url::parse(url).unwrap().path().to_owned();
    let (own, anothers) = (path(&good.url), path(&url(&files[1])));
    let with = |change: &dyn Fn(&mut Try)| {
        let mut changed = good.clone();
        change(&mut changed);
        changed
    };
    let tries = [
        (
            "another's file",
            with(&|t| t.url = t.url.replace(&own, &anothers)),
        ),
        ("writing", with(&|t| t.method = Method::PUT)),
        ("deleting", with(&|t| t.method = Method::DELETE)),
        (
            "a longer life",
            good.clone().query("X-Amz-Expires", "604800"),
        ),
    ];
    for (what, attempt) in tries {
        let status = attempt.status().await;
        assert_eq!(status, 403, "{what}");
    }
    run.end().await;
}

/// The emulator keeps the time as storage does, so a link's life is what it says.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_past_its_time_gives_nothing() {
    let run = Run::start().await;
    let ani = run.client("ani");
    run.buy(&ani, "order", 1).await;
    let path = run.submit(&ani, "doc", &letter()).await;
    let document = run.stamped(&ani, &path).await;
    let url = Url::parse(document.text("download_url")).unwrap();
    let (bucket, key) = url.path()[1..].split_once('/').unwrap();
    let s3 = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(&run.stack.aws_config())
            .force_path_style(true)
            .build(),
    );
    for (minutes, expected) in [(14, 200), (16, 403)] {
        let life = PresigningConfig::builder()
            .start_time(SystemTime::now() - Duration::from_secs(minutes * 60))
            .expires_in(Duration::from_secs(15 * 60));
        let get = s3.get_object().bucket(bucket).key(key);
        let signed = get.presigned(life.build().unwrap()).await.unwrap();
        let answer = Client::new().get(signed.uri()).send().await.unwrap();
        assert_eq!(
            answer.status().as_u16(),
            expected,
            "after {minutes} minutes"
        );
    }
    run.end().await;
}
