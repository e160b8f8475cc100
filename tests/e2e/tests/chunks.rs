//! Files that come in chunks: broken off, taken up again, completed twice, and stamped once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh::client::{Answer, Client};
use bubuh::sample::letter;
use bubuh_core::{chunks::CHUNK_BYTES, id::Sha256};
use bubuh_e2e::{PATIENCE, Run};
use reqwest::Method;
use serde_json::{Value, json};

const CHUNK: usize = 64 * 1024;

/// A letter with a revision behind it that only brings a stream of so many bytes.
fn long_letter(filling: impl Iterator<Item = u8>) -> Vec<u8> {
    let mut bytes = letter();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let after = |word: &str| {
        let at = text.rfind(word).unwrap() + word.len();
        let digits = text[at..].trim_start();
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap();
        digits[..end].parse::<usize>().unwrap()
    };
    let (number, before) = (after("/Size"), after("startxref"));
    let filling: Vec<u8> = filling.collect();
    let object = bytes.len();
    bytes.extend(format!("{number} 0 obj\n<< /Length {} >>\nstream\n", filling.len()).bytes());
    bytes.extend(filling);
    bytes.extend(b"\nendstream\nendobj\n");
    let table = bytes.len();
    let size = number + 1;
    let tail = format!(
        "xref\n{number} 1\n{object:010} 00000 n \ntrailer\n<< /Size {size} /Root 1 0 R /Prev {before} >>\nstartxref\n{table}\n%%EOF\n"
    );
    bytes.extend(tail.bytes());
    bytes
}

fn plan(bytes: &[u8]) -> Value {
    let digests: Vec<_> = bytes.chunks(CHUNK).map(Sha256::of).collect();
    json!({"chunks": {"size": CHUNK, "sha256": digests}})
}

struct Upload<'a> {
    client: &'a Client,
    path: String,
    bytes: &'a [u8],
    plan: Value,
}

impl Upload<'_> {
    async fn post(&self, route: &str, body: &Value) -> Answer {
        let path = format!("{}/{route}", self.path);
        let key = Some("any");
        let sent = self.client.send(Method::POST, &path, key, Some(body)).await;
        sent.unwrap()
    }

    async fn chunks(&self) -> Value {
        let answer = self.post("upload", &self.plan).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        answer.body["chunks"].clone()
    }

    async fn put(&self, link: &Value, bytes: &[u8]) -> u16 {
        let url = link["url"].as_str().unwrap();
        let mut put = reqwest::Client::new().put(url).body(bytes.to_vec());
        for (name, value) in link["headers"].as_object().unwrap() {
            put = put.header(name, value.as_str().unwrap());
        }
        put.send().await.unwrap().status().as_u16()
    }

    fn chunk(&self, link: &Value) -> &[u8] {
        let index = usize::try_from(link["index"].as_u64().unwrap()).unwrap();
        self.bytes.chunks(CHUNK).nth(index).unwrap()
    }
}

fn problem(answer: &Answer) -> (u16, &str) {
    let code = answer.text("type").trim_start_matches("urn:bubuh:problem:");
    (answer.status, code)
}

async fn announced<'a>(client: &'a Client, key: &str, bytes: &'a [u8]) -> Upload<'a> {
    let document = client.announce(key, "surat.pdf", bytes).await.unwrap();
    Upload {
        client,
        path: format!("/v1/documents/{}", document.text("id")),
        bytes,
        plan: plan(bytes),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_in_chunks_that_breaks_off_is_taken_up_again_and_ends_stamped_once() {
    assert_eq!(u64::try_from(CHUNK), Ok(CHUNK_BYTES));
    let run = Run::start().await;
    let buyer = run.client("ani");
    run.buy(&buyer, "order", 2).await;
    // No two chunks alike: a chunk is named by its content, and like ones are sent once.
    let mut noise = fastrand::Rng::with_seed(7);
    let bytes = long_letter((0..5_000_000).map(|_| noise.u8(..)));
    let upload = announced(&buyer, "doc", &bytes).await;
    let count = bytes.len().div_ceil(CHUNK);

    let first = upload.chunks().await;
    assert_eq!(
        (&first["count"], &first["present"]),
        (&json!(count), &json!([]))
    );
    let links = first["links"].as_array().unwrap();
    assert_eq!(links.len(), 64, "a batch of links, not all {count}");
    for link in &links[..10] {
        assert_eq!(upload.put(link, upload.chunk(link)).await, 200);
    }
    // What is there already is done; other bytes than the link's are never taken.
    assert_eq!(upload.put(&links[0], upload.chunk(&links[0])).await, 412);
    assert_eq!(upload.put(&links[10], upload.chunk(&links[11])).await, 400);
    let early = upload.post("complete", &upload.plan).await;
    assert_eq!(problem(&early), (409, "chunks-missing"));
    assert!(
        early.text("detail").contains("number 10"),
        "{:?}",
        early.body
    );
    assert!(early.text("detail_id").contains("nomor 10"));

    // The client comes back, knowing nothing but the file.
    let present: Vec<_> = (0..10).collect();
    let mut sent = 0;
    loop {
        let next = upload.chunks().await;
        if sent == 0 {
            assert_eq!(next["present"], json!(present));
        }
        let links = next["links"].as_array().unwrap();
        if links.is_empty() {
            break;
        }
        for link in links {
            assert_eq!(upload.put(link, upload.chunk(link)).await, 200);
            sent += 1;
        }
    }
    assert_eq!(sent, count - 10, "nothing is sent twice");
    for _ in 0..2 {
        let done = upload.post("complete", &upload.plan).await;
        assert_eq!(done.status, 202, "{:?}", done.body);
    }
    let done = run.stamped(&buyer, &upload.path).await;
    let file = buyer.download(&done).await.unwrap();
    assert!(file.starts_with(&bytes));
    let late = upload.post("complete", &upload.plan).await;
    assert_eq!(late.status, 202);
    assert_eq!(
        upload.chunks().await,
        Value::Null,
        "an accepted file needs no more"
    );
    let report = run.books_are_clean().await;
    assert_eq!((report.counts.stamped, report.counts.files), (1, 1));
    run.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_chunks_are_sent_once_and_a_list_of_another_file_is_refused_by_name() {
    let run = Run::start().await;
    let buyer = run.client("ani");
    let bytes = long_letter(std::iter::repeat_n(b'z', 1_000_000));
    let upload = announced(&buyer, "doc", &bytes).await;
    let links = upload.chunks().await["links"].clone();
    assert_eq!(
        links.as_array().unwrap().len(),
        3,
        "the first, the last, and one for all between"
    );
    for link in links.as_array().unwrap() {
        assert_eq!(upload.put(link, upload.chunk(link)).await, 200);
    }
    // Every chunk is there, but in another order they are another file.
    let mut other = upload.plan.clone();
    let list = other["chunks"]["sha256"].as_array_mut().unwrap();
    list.swap(0, 1);
    let refused = upload.post("complete", &other).await;
    assert_eq!(problem(&refused), (422, "chunks-differ"));
    for (field, value) in [("size", json!(1024)), ("sha256", json!([]))] {
        let mut wrong = upload.plan.clone();
        wrong["chunks"][field] = value;
        let refused = upload.post("upload", &wrong).await;
        let expected = format!("chunks.{field}");
        assert_eq!(
            (problem(&refused), refused.text("field")),
            ((422, "invalid"), &*expected)
        );
    }
    let stranger = run.client("budi");
    let theirs = Upload {
        client: &stranger,
        path: upload.path.clone(),
        bytes: &bytes,
        plan: upload.plan.clone(),
    };
    for route in ["upload", "complete"] {
        assert_eq!(theirs.post(route, &theirs.plan).await.status, 404);
    }
    assert_eq!(upload.post("complete", &upload.plan).await.status, 202);
    let waiting = buyer
        .wait(&upload.path, &["awaiting_stamp"], PATIENCE)
        .await;
    waiting.unwrap();
    run.buy(&buyer, "order", 1).await;
    run.stamped(&buyer, &upload.path).await;
    run.books_are_clean().await;
    run.end().await;
}
