//! Who comes: citizens with one document each, and an office with many.

use super::sleep;
use crate::Run;
use bubuh::{
    client::{Answer, Client},
    sample::letter_of,
};
use bubuh_store::Ambient;
use futures::{StreamExt, stream};
use reqwest::Method;
use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

/// Buyers and uploads of an office at once.
const AT_ONCE: usize = 6;
/// How often a citizen looks.
pub(super) const LOOK: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(300);
/// The largest order.
const ORDER_MOST: u32 = 10_000;

/// Somebody with one stamp and one letter.
#[derive(Debug, Clone)]
pub(super) struct Citizen {
    client: Client,
    file: Vec<u8>,
}

/// What a citizen saw.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) waited_ms: u64,
    /// Whether the stamp came within the first promised range, if there was one.
    pub(super) kept: Option<bool>,
    pub(super) errors: Vec<String>,
}

fn now_ms() -> u64 {
    Ambient::system().now_ms()
}

fn ms(answer: &Answer, pointer: &str) -> Option<u64> {
    let text = answer.body.pointer(pointer)?.as_str()?;
    bubuh_edge::time::from_rfc3339(text)
}

impl Citizen {
    /// So many, each with a stamp.
    pub(super) async fn all(run: &Run, count: usize) -> Vec<Self> {
        stream::iter(0..count)
            .map(|n| async move {
                let client = run.client(&format!("warga-{n}"));
                run.buy(&client, "beli", 1).await;
                let file = letter_of(&format!("Warga nomor {n}"));
                Self { client, file }
            })
            .buffered(AT_ONCE)
            .collect()
            .await
    }

    /// Announces, uploads, and looks until the stamp is there, as the page does.
    pub(super) async fn comes(&self) -> Seen {
        let mut seen = Seen::default();
        let announced = self.client.announce("surat", "surat.pdf", &self.file).await;
        let sent = match &announced {
            Ok(document) => self
                .client
                .upload(document, &self.file)
                .await
                .map(|()| document),
            Err(e) => {
                seen.errors.push(format!("announce: {e}"));
                return seen;
            }
        };
        let document = match sent {
            Ok(document) => document,
            Err(e) => {
                seen.errors.push(format!("upload: {e}"));
                return seen;
            }
        };
        let (uploaded_ms, until) = (now_ms(), Instant::now() + PATIENCE);
        let path = format!("/v1/documents/{}", document.text("id"));
        while Instant::now() < until {
            let queue = self.client.send(Method::GET, "/v1/queue", None, None).await;
            let answer = self.client.send(Method::GET, &path, None, None).await;
            for (what, answer) in [("the queue", queue), (path.as_str(), answer)] {
                match answer {
                    Ok(answer) if answer.status == 200 => {
                        if answer.text("state") == "stamped" {
                            let finished_ms = ms(&answer, "/since").unwrap_or_else(now_ms);
                            seen.waited_ms = finished_ms.saturating_sub(uploaded_ms);
                            let range = ms(&answer, "/promised/earliest")
                                .zip(ms(&answer, "/promised/latest"));
                            seen.kept = range.map(|(from, to)| (from..=to).contains(&finished_ms));
                            return seen;
                        }
                    }
                    Ok(answer) => seen.errors.push(format!("{what}: {}", answer.status)),
                    Err(e) => seen.errors.push(format!("{what}: {e}")),
                }
            }
            sleep(LOOK).await;
        }
        seen.errors.push(format!("{path} is not stamped"));
        seen
    }
}

/// One account with many documents.
pub(super) struct Office<'a> {
    run: &'a Run,
    client: Client,
    documents: usize,
    errors: Mutex<Vec<String>>,
}

impl<'a> Office<'a> {
    pub(super) async fn of(run: &'a Run, documents: usize) -> Self {
        let client = run.client("kantor");
        let stamps = u32::try_from(documents).expect("not so many");
        assert!(stamps <= ORDER_MOST, "one order");
        run.buy(&client, "beli", stamps).await;
        Self {
            run,
            client,
            documents,
            errors: Mutex::new(Vec::new()),
        }
    }

    /// Uploads all, some at a time.
    pub(super) async fn uploads(&self) {
        stream::iter(0..self.documents)
            .for_each_concurrent(AT_ONCE, |n| async move {
                let file = letter_of(&format!("Kantor nomor {n}"));
                let key = format!("surat-{n}");
                let sent = async {
                    let document = self.client.announce(&key, "surat.pdf", &file).await?;
                    self.client.upload(&document, &file).await
                };
                if let Err(e) = sent.await {
                    self.errors
                        .lock()
                        .expect("a lock")
                        .push(format!("office {n}: {e}"));
                }
                if n % 100 == 99 {
                    println!("  the office has sent {}", n + 1);
                }
            })
            .await;
    }

    /// Documents that wait or are being stamped in the bulk lane.
    pub(super) async fn waiting(&self) -> u64 {
        self.run.depth("BulkQueueUrl").await
    }

    /// Waits until all are queued: none is uploaded and not queued any more.
    pub(super) async fn all_wait(&self, at_most: Duration) {
        let until = Instant::now() + at_most;
        while self.count(&["reserved", "stamped"]).await < self.documents as u64 {
            assert!(Instant::now() < until, "not all are queued");
            sleep(LOOK).await;
        }
    }

    /// How many are not stamped after patience.
    pub(super) async fn unstamped(&self, at_most: Duration) -> u64 {
        let until = Instant::now() + at_most;
        loop {
            let left = (self.documents as u64).saturating_sub(self.count(&["stamped"]).await);
            if left == 0 || Instant::now() > until {
                return left;
            }
            sleep(LOOK).await;
        }
    }

    async fn count(&self, buckets: &[&str]) -> u64 {
        let account = self.client.account().await.expect("an account");
        let of = |bucket: &&str| account.body.get(*bucket)?.as_u64();
        buckets.iter().filter_map(of).sum()
    }

    /// Whether workers are called: held back, documents wait in the lanes.
    pub(super) async fn lanes(&self, open: bool) {
        let http = reqwest::Client::new();
        let mappings = format!(
            "{}/2015-03-31/event-source-mappings/",
            self.run.stack.endpoint
        );
        // The emulator finds the service by the credential's scope and checks no signature.
        let signed = "AWS4-HMAC-SHA256 Credential=test/20260101/ap-southeast-3/lambda/aws4_request, \
                      SignedHeaders=host, Signature=0";
        let listed = http
            .get(&mappings)
            .header("authorization", signed)
            .send()
            .await;
        let listed: serde_json::Value = listed.expect("an answer").json().await.expect("JSON");
        let all = listed["EventSourceMappings"].as_array().expect("mappings");
        let of = |name: &str| {
            all.iter().find(|m| {
                let arn = m["EventSourceArn"].as_str();
                arn.is_some_and(|arn| arn.contains(name))
            })
        };
        for lane in ["StampsQueue", "BulkQueue"] {
            let id = of(lane).expect(lane)["UUID"].as_str().expect("an id");
            let turn = http.put(format!("{mappings}{id}"));
            let body = serde_json::json!({ "Enabled": open });
            let turned = turn.header("authorization", signed).json(&body).send();
            let status = turned.await.expect("an answer").status();
            assert!(status.is_success(), "{status}");
        }
    }

    pub(super) fn errors(&self) -> Vec<String> {
        self.errors.lock().expect("a lock").clone()
    }
}
