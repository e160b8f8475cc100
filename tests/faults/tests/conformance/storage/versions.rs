//! Versions: what was pinned is read, whatever came later.

use super::{Given, given};
use crate::sides::Side;
use aws_sdk_s3::error::ProvideErrorMetadata;

on_both_sides! {
    what_is_not_there_is_404_by_get_and_by_head,
    each_put_is_a_version_that_is_read_by_its_id,
    a_version_is_deleted_however_often_and_the_others_stay,
    a_key_without_versions_takes_a_put_on_nothing_again,
}

async fn what_is_not_there_is_404_by_get_and_by_head(side: Side) {
    let given = given(&side).await;
    let get = given
        .client
        .get_object()
        .bucket(&given.uploads)
        .key("uploads/a");
    let absent = get.send().await.unwrap_err();
    assert_eq!(absent.code(), Some("NoSuchKey"));
    assert_eq!(absent.raw_response().unwrap().status().as_u16(), 404);
    let head = given
        .client
        .head_object()
        .bucket(&given.uploads)
        .key("uploads/a");
    let absent = head.send().await.unwrap_err();
    assert_eq!(absent.raw_response().unwrap().status().as_u16(), 404);
    assert!(absent.into_service_error().is_not_found());
}

async fn upload(given: &Given, bytes: &[u8]) -> String {
    let put = given.put(&given.uploads, "uploads/a", bytes).send().await;
    put.unwrap().version_id.unwrap()
}

/// What a version says; none if it is not there.
async fn version(given: &Given, id: &str) -> Option<Vec<u8>> {
    let get = given
        .client
        .get_object()
        .bucket(&given.uploads)
        .key("uploads/a");
    match get.version_id(id).send().await {
        Ok(found) => Some(found.body.collect().await.unwrap().to_vec()),
        Err(e) => {
            assert_eq!(e.code(), Some("NoSuchVersion"));
            assert_eq!(e.raw_response().unwrap().status().as_u16(), 404);
            None
        }
    }
}

/// The newest version's id and size.
async fn newest(given: &Given) -> (Option<String>, Option<i64>) {
    let head = given
        .client
        .head_object()
        .bucket(&given.uploads)
        .key("uploads/a");
    let head = head.send().await.unwrap();
    (
        head.version_id().map(ToOwned::to_owned),
        head.content_length(),
    )
}

async fn each_put_is_a_version_that_is_read_by_its_id(side: Side) {
    let given = given(&side).await;
    let first = upload(&given, b"first").await;
    assert_eq!(newest(&given).await, (Some(first.clone()), Some(5)));
    let second = upload(&given, b"the second").await;
    assert_ne!(first, second);
    assert_eq!(newest(&given).await, (Some(second.clone()), Some(10)));
    assert_eq!(version(&given, &first).await.unwrap(), b"first");
    assert_eq!(version(&given, &second).await.unwrap(), b"the second");
    assert_eq!(given.read(&given.uploads, "uploads/a").await, b"the second");
}

async fn delete(given: &Given, id: &str) {
    let delete = given
        .client
        .delete_object()
        .bucket(&given.uploads)
        .key("uploads/a");
    delete.version_id(id).send().await.unwrap();
}

async fn a_version_is_deleted_however_often_and_the_others_stay(side: Side) {
    let given = given(&side).await;
    let first = upload(&given, b"first").await;
    let second = upload(&given, b"second").await;
    for _ in 0..2 {
        delete(&given, &second).await;
        assert_eq!(version(&given, &second).await, None);
        assert_eq!(newest(&given).await.0, Some(first.clone()));
    }
    delete(&given, &first).await;
    assert_eq!(version(&given, &first).await, None);
    assert!(!given.exists(&given.uploads, "uploads/a").await);
}

async fn a_key_without_versions_takes_a_put_on_nothing_again(side: Side) {
    let given = given(&side).await;
    let first = upload(&given, b"first").await;
    let put = || {
        given
            .put(&given.uploads, "uploads/a", b"second")
            .if_none_match("*")
            .send()
    };
    assert_eq!(put().await.unwrap_err().code(), Some("PreconditionFailed"));
    delete(&given, &first).await;
    put().await.unwrap();
}
