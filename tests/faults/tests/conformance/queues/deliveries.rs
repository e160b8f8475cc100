//! Deliveries: what is handed out when, to whom, and how often.

use super::{BRIEF_S, given};
use crate::{make, sides::Side};
use aws_sdk_sqs::{
    error::ProvideErrorMetadata,
    types::{Message, MessageSystemAttributeName},
};
use bubuh_core::ticket::Lane;
use bubuh_faults::cloud::{RECEPTIONS_MAX, STAMPS_URL, UPLOADS_URL, hidden_ms};
use bubuh_store::{Error, QueueUrls};

on_both_sides! {
    a_message_is_received_as_it_was_sent_and_hidden_meanwhile,
    a_message_that_is_not_deleted_comes_again_and_its_receptions_are_counted,
    a_deleted_message_does_not_come_again,
    a_deletion_by_an_earlier_receipt_is_no_error,
    what_one_consumer_holds_does_not_keep_back_what_was_sent_later,
    a_message_may_be_shown_while_somebody_has_it,
    a_message_that_was_received_too_often_is_dead,
    a_standard_queue_takes_a_message_of_a_group,
    messages_that_are_sent_together_come_one_by_one,
    a_queue_tells_how_many_wait_and_how_many_are_in_hand,
    a_queue_that_is_not_there_is_told_apart,
}

fn count(message: &Message) -> &str {
    &message.attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount]
}

async fn a_message_is_received_as_it_was_sent_and_hidden_meanwhile(side: Side) {
    let given = given(&side, "stamps").await;
    assert!(given.receive(60).await.is_none());
    let body = "{\"stamp\":\"é <&> \\\"\"}";
    given.send(body).await;
    let message = given.receive(60).await.unwrap();
    assert_eq!((message.body(), count(&message)), (Some(body), "1"));
    assert!(given.receive(60).await.is_none());
}

async fn a_message_that_is_not_deleted_comes_again_and_its_receptions_are_counted(side: Side) {
    let given = given(&side, "stamps").await;
    given.send("a").await;
    let first = given.receive(BRIEF_S).await.unwrap();
    for n in 2..=3 {
        let again = given.receive_again(BRIEF_S).await.unwrap();
        assert_eq!(again.message_id(), first.message_id());
        assert_eq!((again.body(), count(&again)), (Some("a"), &*n.to_string()));
    }
}

async fn a_deleted_message_does_not_come_again(side: Side) {
    let given = given(&side, "stamps").await;
    for body in ["a", "b"] {
        given.send(body).await;
    }
    let deleted = given.receive(BRIEF_S).await.unwrap();
    given.delete(&deleted).await;
    // By the time this one comes again, the other would have.
    let kept = given.receive(BRIEF_S).await.unwrap();
    assert_ne!(kept.body(), deleted.body());
    let again = given.receive_again(60).await.unwrap();
    assert_eq!(again.body(), kept.body());
    assert!(given.receive(60).await.is_none());
}

async fn a_deletion_by_an_earlier_receipt_is_no_error(side: Side) {
    let given = given(&side, "stamps").await;
    given.send("a").await;
    let slow = given.receive(BRIEF_S).await.unwrap();
    let again = given.receive_again(60).await.unwrap();
    assert_ne!(slow.receipt_handle(), again.receipt_handle());
    given.delete(&slow).await;
    given.delete(&again).await;
}

async fn what_one_consumer_holds_does_not_keep_back_what_was_sent_later(side: Side) {
    let given = given(&side, "stamps").await;
    given.send("first").await;
    let held = given.receive(60).await.unwrap();
    given.send("second").await;
    let overtaking = given.receive(60).await.unwrap();
    assert_eq!(overtaking.body(), Some("second"));
    given.delete(&overtaking).await;
    given.show(&held).await;
    assert_eq!(given.receive(60).await.unwrap().body(), Some("first"));
}

async fn a_message_may_be_shown_while_somebody_has_it(side: Side) {
    let given = given(&side, "stamps").await;
    given.send("a").await;
    let first = given.receive(60).await.unwrap();
    given.show(&first).await;
    let second = given.receive(60).await.unwrap();
    assert_eq!(
        (second.message_id(), count(&second)),
        (first.message_id(), "2")
    );
    given.delete(&second).await;
    assert!(given.receive(0).await.is_none());
}

async fn a_message_that_was_received_too_often_is_dead(side: Side) {
    let given = given(&side, "stamps").await;
    given.send("a").await;
    for n in 1..=RECEPTIONS_MAX {
        let message = given.receive(0).await.unwrap();
        assert_eq!(count(&message), n.to_string());
    }
    assert!(given.receive(0).await.is_none());
    assert_eq!(given.dead().await, ["a"]);
    assert!(given.receive(0).await.is_none());
}

async fn a_standard_queue_takes_a_message_of_a_group(side: Side) {
    let given = given(&side, "stamps").await;
    let queues = side.adapters().queues(QueueUrls {
        single: given.url.clone(),
        ..QueueUrls::default()
    });
    let documents = ["d1", "d2"].map(|name| make::document("ani", name));
    for document in &documents {
        queues.stamp(document).await.unwrap();
    }
    // As a fair queue, not one that holds a group back behind its first message.
    for _ in documents {
        assert!(given.receive(60).await.is_some());
    }
}

async fn messages_that_are_sent_together_come_one_by_one(side: Side) {
    let given = given(&side, "stamps").await;
    let queues = side.adapters().queues(QueueUrls {
        single: given.url.clone(),
        ..QueueUrls::default()
    });
    let documents: Vec<_> = (0..12)
        .map(|n| make::document("ani", &n.to_string()))
        .collect();
    queues.stamp_all(&documents).await.unwrap();
    for _ in documents {
        assert!(given.receive(60).await.is_some());
    }
    assert!(given.receive(60).await.is_none());
}

async fn a_queue_tells_how_many_wait_and_how_many_are_in_hand(side: Side) {
    let given = given(&side, "stamps").await;
    let queues = side.adapters().queues(QueueUrls {
        single: given.url.clone(),
        ..QueueUrls::default()
    });
    assert_eq!(queues.depth(Lane::Single).await.unwrap(), (0, 0));
    for name in ["d1", "d2", "d3"] {
        let document = make::document("ani", name);
        queues.stamp(&document).await.unwrap();
    }
    let taken = given.receive(60).await.unwrap();
    assert_eq!(queues.depth(Lane::Single).await.unwrap(), (2, 1));
    given.delete(&taken).await;
    assert_eq!(queues.depth(Lane::Single).await.unwrap(), (2, 0));
}

async fn a_queue_that_is_not_there_is_told_apart(side: Side) {
    let given = given(&side, "stamps").await;
    let url = given.url.replace("stamps", "another");
    let sent = given
        .client
        .send_message()
        .queue_url(&url)
        .message_body("a")
        .send()
        .await;
    let code = "AWS.SimpleQueueService.NonExistentQueue";
    assert_eq!(sent.unwrap_err().code(), Some(code));
    let sent = side
        .adapters()
        .queues(QueueUrls {
            uploads: url,
            ..QueueUrls::default()
        })
        .accept(make::document_id("d"))
        .await;
    assert!(matches!(sent, Err(Error::Refused { .. })), "{sent:?}");
}

#[test]
fn the_fakes_times_are_the_templates() {
    let template = include_str!("../../../../../infra/template.yaml");
    let default_s = |name: &str| {
        let (_, rest) = template.split_once(&format!("\n  {name}:\n")).expect(name);
        let (_, rest) = rest.split_once("Default: ").expect(name);
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
        digits.unwrap_or_default().parse::<u64>().expect(name)
    };
    assert_eq!(
        hidden_ms(UPLOADS_URL),
        default_s("UploadsVisibilitySeconds") * 1_000
    );
    assert_eq!(
        hidden_ms(STAMPS_URL),
        default_s("StampsVisibilitySeconds") * 1_000
    );
    let counts = template.matches("maxReceiveCount: 5").count();
    assert_eq!(
        (counts, template.matches("maxReceiveCount").count()),
        (3, 3)
    );
    assert_eq!(RECEPTIONS_MAX, 5);
}
