//! Messages that are sent together.

use super::{answering, world};
use crate::make;
use bubuh_faults::cloud::STAMPS_URL;
use bubuh_store::{Error, QueueUrls};

#[tokio::test]
async fn any_number_of_documents_is_sent_ten_at_a_time() {
    let world = world();
    let documents: Vec<_> = (0..23)
        .map(|n| make::document("ani", &n.to_string()))
        .collect();
    world.queues().stamp_all(&documents).await.unwrap();
    assert_eq!(world.cloud.count(), 3);
    let letters = world.cloud.letters();
    for document in &documents {
        let named = letters
            .iter()
            .filter(|l| l.body.contains(&document.id.to_string()));
        assert_eq!(named.filter(|l| l.queue == STAMPS_URL).count(), 1);
    }
    world.queues().stamp_all(&[]).await.unwrap();
    assert_eq!(world.cloud.count(), 3);
}

#[tokio::test]
async fn an_answer_that_not_all_messages_were_taken_is_no_success_and_says_how_many() {
    let body =
        r#"{"Successful":[],"Failed":[{"Id":"0","Code":"InternalError","SenderFault":false}]}"#;
    let reply = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let queues = answering(vec![reply.leak()]).queues(QueueUrls {
        single: "http://aws.test/queue/stamps".to_owned(),
        ..QueueUrls::default()
    });
    let error = queues
        .stamp_all(&[make::document("ani", "d")])
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::Unavailable { why, .. } if why.contains("1 of 1")),
        "{error}"
    );
}
