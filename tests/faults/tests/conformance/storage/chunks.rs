//! Files in chunks: each comes by a link of its own, is listed for its document, and makes the upload once.

use super::{given, links::follow};
use crate::sides::Side;
use bubuh_core::{
    chunks::{CHUNK_BYTES, Chunks},
    document::{Announced, Document, DocumentType, Placement},
    id::{AccountId, DocumentId, Sha256},
};
use bubuh_store::files::Stored;
use std::collections::BTreeSet;

on_both_sides! {
    a_chunk_comes_once_by_its_link_and_is_listed_for_its_document_only,
    an_upload_made_of_chunks_is_stored_once_and_announced,
}

fn document(name: &str, bytes: &[u8]) -> Document {
    let new = Announced {
        id: DocumentId::derive(&[name]),
        account: AccountId::new("ani").unwrap(),
        name: name.to_owned(),
        document_type: DocumentType::Statement,
        placement: Placement::default(),
        size_bytes: bytes.len() as u64,
        sha256: Sha256::of(bytes),
        deadline_ms: None,
        request_hash: Sha256::of(name.as_bytes()),
    };
    Document::announce(new, 0).unwrap().0
}

fn pieces(bytes: &[u8]) -> Vec<&[u8]> {
    bytes
        .chunks(usize::try_from(CHUNK_BYTES).unwrap())
        .collect()
}

fn chunks(document: &Document, bytes: &[u8]) -> Chunks {
    let digests = pieces(bytes).into_iter().map(Sha256::of).collect();
    Chunks::of(document, CHUNK_BYTES, digests).unwrap()
}

async fn a_chunk_comes_once_by_its_link_and_is_listed_for_its_document_only(side: Side) {
    let given = given(&side).await;
    let files = side.adapters().files(&given.uploads, &given.stamped);
    let bytes = [vec![1; 64 * 1024], vec![2; 100]].concat();
    let (ours, other) = (document("ours", &bytes), document("other", &bytes));
    let chunks = chunks(&ours, &bytes);
    assert_eq!(files.chunks_there(ours.id).await.unwrap(), BTreeSet::new());
    let (whole, last) = (&chunks.list()[0], &chunks.list()[1]);
    assert_eq!(files.chunk(&chunks, last).await.unwrap(), None);
    let link = files.chunk_link(&chunks, last).await.unwrap();
    let wrong = follow(&side, &link, pieces(&bytes)[0]).await;
    assert!(matches!(wrong, 400 | 403), "{wrong}");
    assert_eq!(follow(&side, &link, pieces(&bytes)[1]).await, 200);
    assert_eq!(follow(&side, &link, pieces(&bytes)[1]).await, 412);
    let there = files.chunks_there(ours.id).await.unwrap();
    assert_eq!(there, BTreeSet::from([last.sha256.clone()]));
    assert_eq!(files.chunks_there(other.id).await.unwrap(), BTreeSet::new());
    let read = files.chunk(&chunks, last).await.unwrap();
    assert_eq!(read.as_deref(), Some(pieces(&bytes)[1]));
    assert_eq!(files.chunk(&chunks, whole).await.unwrap(), None);
}

async fn an_upload_made_of_chunks_is_stored_once_and_announced(side: Side) {
    let given = given(&side).await;
    let files = side.adapters().files(&given.uploads, &given.stamped);
    let ours = document("ours", b"the file");
    for (bytes, became) in [(b"the file", Stored::Now), (b"the FILE", Stored::Before)] {
        let stored = files.store_upload(ours.id, bytes.to_vec()).await;
        assert_eq!(stored.unwrap(), became);
    }
    let key = Document::source_key(ours.id);
    assert_eq!(given.read(&given.uploads, &key).await, b"the file");
    let heard = given.queue.receive_sent().await;
    assert!(heard.body().unwrap().contains(&key), "{heard:?}");
}
