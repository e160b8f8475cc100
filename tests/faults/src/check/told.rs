//! What webhooks were told.

use crate::world::{MASTER, World};
use bubuh_core::{
    event::{Event, Telling},
    hook::{Hooks, Secret, Topic, signing},
};
use bubuh_store::table::Whole;
use std::collections::BTreeSet;

/// Every end that was to be told has its event, and every event was heard by everyone it was owed to, each time in the
/// same words under the same name and signed with the webhook's secret; and nothing else was.
pub(crate) async fn told(world: &World, whole: &Whole, problems: &mut Vec<String>) {
    let events = &whole.rows.events;
    let known: BTreeSet<String> = events.iter().map(|event| event.id.to_string()).collect();
    for document in whole.rows.documents.iter().filter(|d| d.told) {
        let topic = match document.state.name() {
            "stamped" => Topic::DocumentStamped,
            "rejected" => Topic::DocumentRejected,
            _ => continue,
        };
        let id = Event::of_document(topic, document.id).to_string();
        if !known.contains(&id) {
            problems.push(format!("the end of {} is not told", document.name));
        }
    }
    for event in events {
        let hooks = world
            .cloud
            .unseen(world.table().hooks(&event.account))
            .await;
        of_event(world, event, &hooks.expect("webhooks"), problems);
    }
    let heard = world.receiver.heard();
    for stray in heard.iter().filter(|heard| !known.contains(&heard.id)) {
        problems.push(format!("{stray:?} was told"));
    }
}

fn of_event(world: &World, event: &Event, hooks: &Hooks, problems: &mut Vec<String>) {
    let id = event.id.to_string();
    let mut heard = world.receiver.heard();
    heard.retain(|heard| heard.id == id);
    let words: BTreeSet<&str> = heard.iter().map(|heard| heard.body.as_str()).collect();
    if words.len() > 1 {
        problems.push(format!("{id} was told in other words: {words:?}"));
    }
    if heard.iter().all(|heard| heard.answered != 204) {
        problems.push(format!("{id} was not heard"));
    }
    if event.to.len() != 1 || event.to.iter().any(|to| to.state != Telling::Delivered) {
        problems.push(format!("{id} is {:?}", event.to));
    }
    for heard in &heard {
        let hook = hooks.hooks.iter().find(|hook| hook.url == heard.url);
        let signed = hook.map(|hook| {
            let secret = Secret::of(MASTER.as_bytes(), hook.id, hook.secret_made_at_ms);
            signing(secret.bytes(), &id, heard.timestamp_s, &heard.body)
        });
        if signed.as_ref() != Some(&heard.signature) {
            problems.push(format!("{id} is not signed as it should be"));
        }
    }
}
