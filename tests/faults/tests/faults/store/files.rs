//! Uploads by version; stamped files and tombstones once.

use super::{answering, world};
use crate::make;
use bubuh_core::{
    document::{Document, Reason, Source},
    id::Sha256,
};
use bubuh_faults::{
    cloud::{Fault, Plan, STAMPED, UPLOADS},
    world::World,
};
use bubuh_store::{
    Error, Files,
    files::{Standing, Stored},
};

const KEY: &str = "stamped/d/s.pdf";

fn reason() -> Reason {
    Reason {
        code: "cancelled".to_owned(),
        message_id: "Dibatalkan.".to_owned(),
        message_en: "Cancelled.".to_owned(),
    }
}

#[tokio::test]
async fn the_first_file_at_an_output_key_stays() {
    let world = world();
    let files = world.files();
    assert_eq!(files.output(KEY).await.unwrap(), None);
    assert_eq!(
        files.store(KEY, b"one".to_vec()).await.unwrap(),
        Stored::Now
    );
    assert_eq!(
        files.store(KEY, b"two".to_vec()).await.unwrap(),
        Stored::Before
    );
    assert_eq!(
        files.store_tombstone(KEY, &reason()).await.unwrap(),
        Stored::Before
    );
    assert_eq!(
        files.output(KEY).await.unwrap(),
        Some(Standing::File(b"one".to_vec()))
    );
    assert_eq!(world.cloud.versions(STAMPED, KEY).len(), 1);
}

#[tokio::test]
async fn no_file_follows_a_tombstone_and_its_reason_is_read_back() {
    let world = world();
    let files = world.files();
    assert_eq!(
        files.store_tombstone(KEY, &reason()).await.unwrap(),
        Stored::Now
    );
    assert_eq!(
        files.store(KEY, b"late".to_vec()).await.unwrap(),
        Stored::Before
    );
    assert_eq!(
        files.output(KEY).await.unwrap(),
        Some(Standing::Tombstone(reason()))
    );
}

#[tokio::test]
async fn two_puts_that_race_are_told_to_try_again_and_a_lost_reply_finds_its_file() {
    for (fault, standing) in [
        (Fault::Conflict, None),
        (Fault::LostReply, Some(b"one".to_vec())),
    ] {
        let world = world();
        world.cloud.set_plan(Plan::at(0, fault));
        let error = world.files().store(KEY, b"one".to_vec()).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
        let found = world.files().output(KEY).await.unwrap();
        assert_eq!(found, standing.clone().map(Standing::File));
        let again = world.files().store(KEY, b"two".to_vec()).await.unwrap();
        assert_eq!(again == Stored::Before, standing.is_some());
    }
}

async fn upload(world: &World, document: &Document, bytes: &[u8]) -> Result<(), u16> {
    let link = world
        .desk()
        .upload_link(document)
        .await
        .unwrap()
        .expect("a link");
    world.cloud.follow(&link, bytes)
}

#[tokio::test]
async fn an_upload_link_takes_the_announced_file_once_and_no_other() {
    let world = world();
    let document = world
        .desk()
        .announce(make::announced("ani", "d", b"the file"))
        .await
        .unwrap();
    assert_eq!(upload(&world, &document, b"the FILE").await, Err(400));
    assert_eq!(upload(&world, &document, b"the file").await, Ok(()));
    assert_eq!(upload(&world, &document, b"the file").await, Err(412));
    let key = Document::source_key(document.id);
    assert_eq!(world.cloud.versions(UPLOADS, &key).len(), 1);
    let (version, size) = world.files().newest_upload(&key).await.unwrap().unwrap();
    assert_eq!(size, 8);
    let bytes = world.files().version(&key, &version).await.unwrap();
    assert_eq!(bytes.as_deref(), Some(&b"the file"[..]));
}

#[tokio::test]
async fn the_pinned_version_is_read_whatever_came_later() {
    let world = world();
    let files = world.files();
    assert_eq!(files.newest_upload("uploads/d").await.unwrap(), None);
    world.cloud.place(UPLOADS, "uploads/d", b"first");
    let (version_id, size_bytes) = files.newest_upload("uploads/d").await.unwrap().unwrap();
    assert_eq!(size_bytes, 5);
    let source = Source {
        version_id,
        place: None,
    };
    world.cloud.place(UPLOADS, "uploads/d", b"second");
    let first = Sha256::of(b"first");
    assert_eq!(
        files.source("uploads/d", &source, &first).await.unwrap(),
        b"first"
    );
    let (newest, _) = files.newest_upload("uploads/d").await.unwrap().unwrap();
    assert_ne!(newest, source.version_id);

    let differs = files
        .source("uploads/d", &source, &Sha256::of(b"other"))
        .await;
    assert!(
        matches!(differs, Err(Error::Unreadable { .. })),
        "{differs:?}"
    );

    files
        .delete_upload("uploads/d", &source.version_id)
        .await
        .unwrap();
    files
        .delete_upload("uploads/d", &source.version_id)
        .await
        .unwrap();
    assert_eq!(
        files
            .version("uploads/d", &source.version_id)
            .await
            .unwrap(),
        None
    );
    let gone = files.source("uploads/d", &source, &first).await;
    assert!(matches!(gone, Err(Error::Unreadable { .. })), "{gone:?}");
    assert!(files.newest_upload("uploads/d").await.unwrap().is_some());
}

fn storage_that_answers(replies: Vec<&'static str>) -> Files {
    answering(replies).files("uploads", "stamped")
}

const BROKEN_OFF: &str = "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nthe ";
const WHOLE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nthe file";

#[tokio::test]
async fn a_file_that_breaks_off_half_way_is_read_again_and_given_up_only_in_the_end() {
    let files = storage_that_answers(vec![BROKEN_OFF, BROKEN_OFF, WHOLE]);
    let read = files.version("uploads/d", "v1").await.unwrap();
    assert_eq!(read.as_deref(), Some(&b"the file"[..]));
    let files = storage_that_answers(vec![BROKEN_OFF; 4]);
    let error = files.version("uploads/d", "v1").await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn an_upload_whose_size_is_not_told_is_not_taken_for_an_empty_one() {
    let files = storage_that_answers(vec!["HTTP/1.1 200 OK\r\nx-amz-version-id: v1\r\n\r\n"]);
    let error = files.newest_upload("uploads/d").await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn every_stamped_file_is_listed_also_beyond_a_page() {
    let world = world();
    assert_eq!(world.files().output_keys().await.unwrap(), [""; 0]);
    let keys: Vec<String> = (0..1_001).map(|n| format!("stamped/{n:04}")).collect();
    for key in &keys {
        world.cloud.place(STAMPED, key, b"a file");
    }
    world.cloud.place(UPLOADS, "uploads/d", b"another");
    assert_eq!(world.files().output_keys().await.unwrap(), keys);
}

#[tokio::test]
async fn a_failing_store_is_never_taken_for_an_absent_file() {
    let world = world();
    world.cloud.set_plan(Plan::when(|_| Some(Fault::Fail)));
    let files = world.files();
    let results = [
        files.newest_upload("uploads/d").await.err(),
        files.version("uploads/d", "v000001").await.err(),
        files.output(KEY).await.err(),
        files.output_keys().await.err(),
        files.store(KEY, Vec::new()).await.err(),
        files.delete_upload("uploads/d", "v000001").await.err(),
    ];
    for error in results {
        let error = error.expect("a failure");
        assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    }
}
