//! What is stored first stays, and only whole.

use super::{digest, given};
use crate::sides::Side;
use aws_sdk_s3::error::ProvideErrorMetadata;

on_both_sides! {
    a_put_on_nothing_holds_once_and_then_answers_412,
    of_puts_that_race_one_holds,
    bytes_of_another_digest_are_refused_and_not_stored,
    the_digest_of_what_was_stored_is_given_back,
    nothing_is_stored_in_a_bucket_that_is_not_there,
}

async fn a_put_on_nothing_holds_once_and_then_answers_412(side: Side) {
    let given = given(&side).await;
    given.put_once("a", b"first").send().await.unwrap();
    for bytes in [&b"second"[..], b"first"] {
        let refused = given.put_once("a", bytes).send().await.unwrap_err();
        assert_eq!(refused.code(), Some("PreconditionFailed"));
        assert_eq!(refused.raw_response().unwrap().status().as_u16(), 412);
    }
    assert_eq!(given.read(&given.stamped, "a").await, b"first");
    given.put_once("b", b"another key").send().await.unwrap();
}

async fn of_puts_that_race_one_holds(side: Side) {
    let given = given(&side).await;
    let bytes: Vec<_> = (0..8).map(|i| format!("from {i}")).collect();
    let puts = bytes
        .iter()
        .map(|b| given.put_once("a", b.as_bytes()).send());
    let puts = futures::future::join_all(puts).await;
    let held: Vec<_> = (0..8).filter(|i| puts[*i].is_ok()).collect();
    assert_eq!(held.len(), 1);
    for put in puts.into_iter().filter_map(Result::err) {
        // The second one in AWS, when they truly overlap: the next try sees who won.
        let known = ["PreconditionFailed", "ConditionalRequestConflict"];
        assert!(known.contains(&put.code().unwrap_or_default()), "{put:?}");
    }
    assert_eq!(
        given.read(&given.stamped, "a").await,
        bytes[held[0]].as_bytes()
    );
}

async fn bytes_of_another_digest_are_refused_and_not_stored(side: Side) {
    let given = given(&side).await;
    let put = given
        .put_once("a", b"what came")
        .checksum_sha256(digest(b"what was meant"));
    let refused = put.send().await.unwrap_err();
    assert_eq!(refused.code(), Some("BadDigest"));
    assert!(!given.exists(&given.stamped, "a").await);
}

async fn the_digest_of_what_was_stored_is_given_back(side: Side) {
    let given = given(&side).await;
    let stored = given.put_once("a", b"first").send().await.unwrap();
    assert_eq!(stored.checksum_sha256(), Some(&*digest(b"first")));
}

async fn nothing_is_stored_in_a_bucket_that_is_not_there(side: Side) {
    let given = given(&side).await;
    let refused = given
        .put("another-bucket", "a", b"x")
        .send()
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("NoSuchBucket"));
    let get = given.client.get_object().bucket("another-bucket").key("a");
    assert_eq!(get.send().await.unwrap_err().code(), Some("NoSuchBucket"));
}
