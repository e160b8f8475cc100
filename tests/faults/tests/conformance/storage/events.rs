//! Storage's word of a new object, as `enqueue` reads it.

use super::{Given, given};
use crate::sides::Side;
use serde_json::Value;

on_both_sides! {
    an_upload_is_announced_with_its_bucket_key_version_and_size,
    a_key_is_announced_as_a_form_would_write_it,
    each_version_is_announced,
    what_was_refused_is_not_announced,
    what_is_no_upload_is_not_announced,
}

/// The next event's one record.
async fn heard(given: &Given) -> Value {
    let message = given.queue.receive_sent().await;
    let event: Value = serde_json::from_str(message.body().unwrap()).unwrap();
    let records = event["Records"].as_array().expect("records");
    assert_eq!(records.len(), 1);
    records[0].clone()
}

async fn an_upload_is_announced_with_its_bucket_key_version_and_size(side: Side) {
    let given = given(&side).await;
    let put = given
        .put(&given.uploads, "uploads/a", b"a file")
        .send()
        .await
        .unwrap();
    let record = heard(&given).await;
    assert_eq!(record["eventSource"], "aws:s3");
    assert_eq!(record["eventName"], "ObjectCreated:Put");
    assert_eq!(record["s3"]["bucket"]["name"], given.uploads.as_str());
    let object = &record["s3"]["object"];
    assert_eq!(object["key"], "uploads/a");
    assert_eq!(object["size"], 6);
    assert_eq!(object["versionId"], put.version_id().unwrap());
    let sequencer = object["sequencer"].as_str().unwrap_or_default();
    assert!(u128::from_str_radix(sequencer, 16).is_ok(), "{object}");
}

async fn a_key_is_announced_as_a_form_would_write_it(side: Side) {
    let given = given(&side).await;
    let key = "uploads/surat ke-1+2 (é).pdf";
    given
        .put(&given.uploads, key, b"a file")
        .send()
        .await
        .unwrap();
    assert_eq!(given.read(&given.uploads, key).await, b"a file");
    let record = heard(&given).await;
    let encoded = "uploads/surat+ke-1%2B2+%28%C3%A9%29.pdf";
    assert_eq!(record["s3"]["object"]["key"], encoded);
}

async fn each_version_is_announced(side: Side) {
    let given = given(&side).await;
    let mut versions = Vec::new();
    let mut announced = Vec::new();
    for bytes in [b"first", b"other"] {
        let put = given
            .put(&given.uploads, "uploads/a", bytes)
            .send()
            .await
            .unwrap();
        versions.push(put.version_id.unwrap());
    }
    for _ in 0..2 {
        let record = heard(&given).await;
        announced.push(
            record["s3"]["object"]["versionId"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    // In any order.
    versions.sort();
    announced.sort();
    assert_eq!(announced, versions);
}

async fn what_was_refused_is_not_announced(side: Side) {
    let given = given(&side).await;
    given
        .put(&given.uploads, "uploads/a", b"first")
        .send()
        .await
        .unwrap();
    let put = || given.put(&given.uploads, "uploads/a", b"other");
    put().if_none_match("*").send().await.unwrap_err();
    put()
        .checksum_sha256(super::digest(b"x"))
        .send()
        .await
        .unwrap_err();
    given
        .put(&given.uploads, "uploads/b", b"last")
        .send()
        .await
        .unwrap();
    let keys = [heard(&given).await, heard(&given).await];
    let mut keys = keys.map(|record| record["s3"]["object"]["key"].clone().to_string());
    keys.sort();
    assert_eq!(keys, ["\"uploads/a\"", "\"uploads/b\""]);
    assert!(given.queue.receive(60).await.is_none());
}

async fn what_is_no_upload_is_not_announced(side: Side) {
    let given = given(&side).await;
    given
        .put(&given.uploads, "elsewhere/a", b"a file")
        .send()
        .await
        .unwrap();
    given
        .put(&given.stamped, "uploads/a", b"a file")
        .send()
        .await
        .unwrap();
    given
        .put(&given.uploads, "uploads/a", b"a file")
        .send()
        .await
        .unwrap();
    let record = heard(&given).await;
    assert_eq!(record["s3"]["object"]["key"], "uploads/a");
    assert_eq!(record["s3"]["bucket"]["name"], given.uploads.as_str());
    assert!(given.queue.receive(60).await.is_none());
}
