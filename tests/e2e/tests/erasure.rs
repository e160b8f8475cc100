//! An owner has a document deleted on the local stack: it has no name and no files any more, and what is left of it still
//! tells that the stamp is real.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh::sample::letter;
use bubuh_core::{document::Document, id::Sha256};
use bubuh_e2e::{PATIENCE, Run};
use bubuh_store::files::Standing;
use reqwest::Method;
use tokio::time::{Duration, Instant, sleep};

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_document_has_no_name_and_no_files_and_its_stamp_still_verifies() {
    let run = Run::start().await;
    let ani = run.client("ani");
    run.buy(&ani, "order", 1).await;
    let path = run.submit(&ani, "private", &letter()).await;
    let done = run.stamped(&ani, &path).await;
    let file = ani.download(&done).await.unwrap();
    let waits = run.submit(&ani, "waits", &letter()).await;
    ani.wait(&waits, &["awaiting_stamp"], PATIENCE)
        .await
        .unwrap();

    for (path, state) in [
        (&path, "stamped"),
        (&waits, "cancelled"),
        (&path, "stamped"),
    ] {
        let erase = format!("{path}/erase");
        let erased = ani.send(Method::POST, &erase, None, None).await.unwrap();
        assert_eq!((erased.status, erased.text("state")), (200, state));
        assert_eq!(erased.text("name"), "");
        assert!(erased.body["erased_at"].is_string(), "{}", erased.body);
        assert!(erased.body.get("download_url").is_none());
        assert!(erased.text("next_en").contains("deleted at your request"));
    }
    let listed = ani.send(Method::GET, "/v1/documents", None, None).await;
    let listed = listed.unwrap().body.to_string();
    assert!(
        listed.contains(done.text("id")) && !listed.contains("surat.pdf"),
        "{listed}"
    );

    let files = run.aws().files(
        run.stack.output("UploadsBucketName"),
        run.stack.output("StampedBucketName"),
    );
    let key = format!("stamped/{}/{}.pdf", done.text("id"), done.text("serial"));
    let uploads = [&path, &waits].map(|path| {
        let id = path.rsplit('/').next().unwrap().parse().unwrap();
        Document::source_key(id)
    });
    let end = Instant::now() + PATIENCE;
    loop {
        let mut left = 0;
        for upload in &uploads {
            left += usize::from(files.newest_upload(upload).await.unwrap().is_some());
        }
        let standing = files.output(&key).await.unwrap();
        if left == 0 && matches!(&standing, Some(Standing::Tombstone(why)) if why.code == "erased")
        {
            break;
        }
        assert!(Instant::now() < end, "{left} uploads, {standing:?}");
        sleep(Duration::from_millis(300)).await;
    }
    let verify = format!("/v1/verify/{}", done.text("serial"));
    let still = ani.send(Method::GET, &verify, None, None).await.unwrap();
    assert_eq!(still.status, 200, "{}", still.body);
    assert_eq!(still.text("stamped_sha256"), Sha256::of(&file).as_str());
    run.books_are_clean().await;
    run.end().await;
}
