//! What an account's webhooks were told of one event, and telling it once more.

use super::timeline::Timeline;
use bubuh_core::{
    event::{Event, Outcome},
    id::EventId,
};
use bubuh_store::{Error, Table};

impl Timeline {
    /// Of an event.
    pub(super) fn of_event(event: &Event) -> Self {
        let mut story = Self::of(format!(
            "event {} of {}: {} {:?}",
            event.id,
            event.account,
            event.topic.name(),
            event.about
        ));
        story.event(event.at_ms, "happened".to_owned());
        if event.trying_since_ms > event.at_ms {
            story.event(event.trying_since_ms, "replayed".to_owned());
        }
        for delivery in &event.to {
            let hook = delivery.hook;
            for attempt in &delivery.attempts {
                let heard = match attempt.outcome {
                    Outcome::Answered(status) => format!("answered {status}"),
                    Outcome::Unreachable => "nobody there".to_owned(),
                    Outcome::NoAnswer => "no answer".to_owned(),
                };
                story.event(attempt.at_ms, format!("webhook {hook}: {heard}"));
            }
            story.now.push(format!(
                "webhook {hook}: {:?}, {} tries in this round",
                delivery.state, delivery.tries
            ));
        }
        story.due(Some(event.due_at_ms));
        story.sorted()
    }
}

/// Has an event told once more, under its old name, to all that it was told to.
///
/// # Errors
/// A sentence: there is no such event, or it is being told at this moment.
pub async fn replay(table: &Table, id: &str, now_ms: u64) -> Result<(), String> {
    let id: EventId = id.parse().map_err(|e| super::no_id(&e))?;
    let failed = |e: Error| e.to_string();
    let event = table.event(id).await.map_err(failed)?;
    let event = event.ok_or_else(|| "there is no such event any more".to_owned())?;
    let writes = event.replay(now_ms).map_err(|e| e.to_string())?;
    match table.commit_if_first(&writes).await.map_err(failed)? {
        true => Ok(()),
        false => Err("it is being told at this moment; look again".to_owned()),
    }
}
