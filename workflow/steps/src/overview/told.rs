//! What an account's webhooks were told of one event, and telling it once more.

use super::timeline::Timeline;
use crate::{Error, stamp::busy};
use bubuh_core::{
    event::{Event, Outcome},
    id::EventId,
};
use bubuh_store::Table;

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
            story.fact(format!(
                "webhook {hook}: {:?}, {} tries in this round",
                delivery.state, delivery.tries
            ));
        }
        story.due(Some(event.due_at_ms));
        story.sorted()
    }
}

/// Has an event told once more, under its old name, to all that it was told to; gives its story.
///
/// # Errors
/// [`Error::NotFound`] when there is no such event (any more); one that is worth a retry while it is being told; a rule's.
pub async fn replay(table: &Table, id: EventId, now_ms: u64) -> Result<Timeline, Error> {
    let event = table.event(id).await?.ok_or(Error::NotFound)?;
    let writes = event.replay(now_ms)?;
    if !table.commit_if_first(&writes).await? {
        return Err(busy().into());
    }
    let told_again = table.event(id).await?.ok_or(Error::NotFound)?;
    Ok(Timeline::of_event(&told_again))
}
