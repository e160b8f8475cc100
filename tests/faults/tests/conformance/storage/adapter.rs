//! The store's own adapter.

use super::{Given, given};
use crate::sides::Side;
use bubuh_core::{
    document::{Reason, Source},
    id::Sha256,
};
use bubuh_store::{
    Error, Files,
    files::{Standing, Stored},
};

on_both_sides! {
    the_first_file_or_tombstone_at_an_output_key_stays_and_is_read_back,
    a_pinned_source_is_read_whatever_came_later_until_it_is_deleted,
}

async fn files(side: &Side) -> (Given, Files) {
    let given = given(side).await;
    let files = side.adapters().files(&given.uploads, &given.stamped);
    (given, files)
}

fn reason() -> Reason {
    Reason {
        code: "cancelled".to_owned(),
        message_id: "Dibatalkan.".to_owned(),
        message_en: "Cancelled.".to_owned(),
    }
}

async fn the_first_file_or_tombstone_at_an_output_key_stays_and_is_read_back(side: Side) {
    let (_given, files) = files(&side).await;
    assert_eq!(files.output("a").await.unwrap(), None);
    assert_eq!(
        files.store("a", b"%PDF".to_vec()).await.unwrap(),
        Stored::Now
    );
    assert_eq!(
        files.store("a", b"other".to_vec()).await.unwrap(),
        Stored::Before
    );
    assert_eq!(
        files.store_tombstone("a", &reason()).await.unwrap(),
        Stored::Before
    );
    assert_eq!(
        files.output("a").await.unwrap(),
        Some(Standing::File(b"%PDF".to_vec()))
    );
    assert_eq!(
        files.store_tombstone("b", &reason()).await.unwrap(),
        Stored::Now
    );
    assert_eq!(
        files.store("b", b"%PDF".to_vec()).await.unwrap(),
        Stored::Before
    );
    assert_eq!(
        files.output("b").await.unwrap(),
        Some(Standing::Tombstone(reason()))
    );
}

async fn a_pinned_source_is_read_whatever_came_later_until_it_is_deleted(side: Side) {
    let (given, files) = files(&side).await;
    let key = "uploads/a";
    assert_eq!(files.newest_upload(key).await.unwrap(), None);
    given
        .put(&given.uploads, key, b"first")
        .send()
        .await
        .unwrap();
    let (version_id, size_bytes) = files.newest_upload(key).await.unwrap().unwrap();
    let source = Source {
        key: key.to_owned(),
        version_id,
        sha256: Sha256::of(b"first"),
        size_bytes,
    };
    assert_eq!(size_bytes, 5);
    given
        .put(&given.uploads, key, b"later")
        .send()
        .await
        .unwrap();
    assert_eq!(files.source(&source).await.unwrap(), b"first");
    for _ in 0..2 {
        files.delete_upload(key, &source.version_id).await.unwrap();
    }
    let gone = files.source(&source).await;
    assert!(matches!(gone, Err(Error::Unreadable { .. })), "{gone:?}");
    assert!(files.newest_upload(key).await.unwrap().is_some());
}
