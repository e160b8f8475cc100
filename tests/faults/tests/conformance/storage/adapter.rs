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
    a_buried_file_is_gone_in_every_version_and_its_key_is_taken,
    a_pinned_source_is_read_whatever_came_later_until_it_is_deleted,
    a_settlement_file_is_kept_by_its_digest_and_only_the_version_that_was_read_leaves_the_inbox,
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

async fn a_buried_file_is_gone_in_every_version_and_its_key_is_taken(side: Side) {
    let (given, files) = files(&side).await;
    files.store("a", b"%PDF private".to_vec()).await.unwrap();
    let get = || given.client.get_object().bucket(&given.stamped).key("a");
    let version = get().send().await.unwrap().version_id.unwrap();
    // Twice, as after a reply that was lost; and where nothing stands.
    for key in ["a", "a", "b"] {
        files.bury(key, &reason()).await.unwrap();
        let standing = files.output(key).await.unwrap();
        assert_eq!(standing, Some(Standing::Tombstone(reason())));
        let late = files.store(key, b"%PDF private".to_vec()).await.unwrap();
        assert_eq!(late, Stored::Before);
    }
    get().version_id(version).send().await.unwrap_err();
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
        version_id,
        place: None,
    };
    assert_eq!(size_bytes, 5);
    given
        .put(&given.uploads, key, b"later")
        .send()
        .await
        .unwrap();
    assert_eq!(
        files
            .source(key, &source, &Sha256::of(b"first"))
            .await
            .unwrap(),
        b"first"
    );
    for _ in 0..2 {
        files.delete_upload(key, &source.version_id).await.unwrap();
    }
    let gone = files.source(key, &source, &Sha256::of(b"first")).await;
    assert!(matches!(gone, Err(Error::Unreadable { .. })), "{gone:?}");
    assert!(files.newest_upload(key).await.unwrap().is_some());
}

async fn a_settlement_file_is_kept_by_its_digest_and_only_the_version_that_was_read_leaves_the_inbox(
    side: Side,
) {
    let (given, _) = files(&side).await;
    let bucket = match side.fake {
        Some(_) => bubuh_faults::cloud::SETTLEMENTS,
        None => &given.uploads,
    };
    let settlements = side.adapters().settlements(bucket);
    assert_eq!(settlements.inbox().await.unwrap(), []);
    assert_eq!(settlements.take("a.csv").await.unwrap(), None);
    settlements.put("a.csv", b"first".to_vec()).await.unwrap();
    let first = settlements.take("a.csv").await.unwrap().unwrap();
    assert_eq!(first.bytes, b"first");
    settlements
        .put("a.csv", b"newer one".to_vec())
        .await
        .unwrap();
    for _ in 0..2 {
        settlements
            .discard("a.csv", first.version.clone())
            .await
            .unwrap();
    }
    let inbox = settlements.inbox().await.unwrap();
    let seen: Vec<_> = inbox.iter().map(|f| (f.name.as_str(), f.size)).collect();
    assert_eq!(seen, [("a.csv", 9)], "the newer one waits");
    let newer = settlements.take("a.csv").await.unwrap().unwrap();
    assert_eq!(newer.bytes, b"newer one");
    settlements.discard("a.csv", newer.version).await.unwrap();
    assert_eq!(settlements.inbox().await.unwrap(), []);

    let sha256 = Sha256::of(b"first");
    let gone = settlements.kept(&sha256).await;
    assert!(matches!(gone, Err(Error::Unreadable { .. })), "{gone:?}");
    for _ in 0..2 {
        settlements.keep(&sha256, b"first".to_vec()).await.unwrap();
    }
    assert_eq!(settlements.kept(&sha256).await.unwrap(), b"first");
    assert_eq!(
        settlements.inbox().await.unwrap(),
        [],
        "what is kept is not in the inbox"
    );
}
