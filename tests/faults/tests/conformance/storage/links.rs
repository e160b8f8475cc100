//! Signed links, made by the store and followed as a browser does.

use super::{Given, given};
use crate::sides::Side;
use bubuh_core::id::Sha256;
use bubuh_store::files::Link;

on_both_sides! {
    a_link_takes_the_announced_bytes_once,
    a_link_takes_no_other_bytes,
    a_link_takes_nothing_without_the_headers_that_it_signs,
    what_came_by_a_link_is_announced,
}

const KEY: &str = "uploads/a";

async fn link(side: &Side, given: &Given, bytes: &[u8]) -> Link {
    let files = side.adapters().files(&given.uploads, &given.stamped);
    let size = bytes.len() as u64;
    let link = files
        .upload_link(KEY, size, &Sha256::of(bytes))
        .await
        .unwrap();
    assert_eq!(link.method, "PUT");
    link
}

/// The status of the answer.
pub(crate) async fn follow(side: &Side, link: &Link, bytes: &[u8]) -> u16 {
    if let Some(world) = &side.fake {
        return world.cloud.follow(link, bytes).err().unwrap_or(200);
    }
    let mut put = reqwest::Client::new().put(&link.url).body(bytes.to_vec());
    for (name, value) in &link.headers {
        put = put.header(name, value);
    }
    put.send().await.unwrap().status().as_u16()
}

async fn a_link_takes_the_announced_bytes_once(side: Side) {
    let given = given(&side).await;
    let link = link(&side, &given, b"the file").await;
    assert_eq!(follow(&side, &link, b"the file").await, 200);
    assert_eq!(given.read(&given.uploads, KEY).await, b"the file");
    assert_eq!(follow(&side, &link, b"the file").await, 412);
}

async fn a_link_takes_no_other_bytes(side: Side) {
    let given = given(&side).await;
    let link = link(&side, &given, b"the file").await;
    // As long, so that only its digest tells.
    assert_eq!(follow(&side, &link, b"the FILE").await, 400);
    let longer = follow(&side, &link, b"a longer file").await;
    assert!(matches!(longer, 400 | 403), "{longer}");
    assert!(!given.exists(&given.uploads, KEY).await);
}

async fn a_link_takes_nothing_without_the_headers_that_it_signs(side: Side) {
    let given = given(&side).await;
    let link = link(&side, &given, b"the file").await;
    for name in ["if-none-match", "x-amz-checksum-sha256"] {
        let mut without = link.clone();
        let kept = without.headers.len();
        without
            .headers
            .retain(|header, _| !header.eq_ignore_ascii_case(name));
        assert_eq!(without.headers.len() + 1, kept, "{name} is to be sent");
        assert_eq!(follow(&side, &without, b"the file").await, 403, "{name}");
    }
    assert!(!given.exists(&given.uploads, KEY).await);
}

async fn what_came_by_a_link_is_announced(side: Side) {
    let given = given(&side).await;
    let link = link(&side, &given, b"the file").await;
    follow(&side, &link, b"the file").await;
    let heard = given.queue.receive_sent().await;
    assert!(heard.body().unwrap().contains(KEY), "{heard:?}");
}
