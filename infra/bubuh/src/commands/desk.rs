//! `bubuh desk`: the whole at a glance, or one order, document, serial or event from beginning to end.

use super::at::At;
use crate::{
    Error,
    desk::{Seen, Told},
    stack::ready::Ready,
};
use bubuh_steps::{
    Error as Step,
    overview::{Glance, Timeline, replay},
};
use bubuh_store::Ambient;
use serde::Serialize;
use std::{fmt::Display, process::ExitCode};

/// Arguments of `bubuh desk`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    at: At,
    /// An order's, document's or event's id, or a serial; everything at a glance if not given
    id: Option<String>,
    /// Tell this event once more to the webhooks that it was told to, under its old name
    #[arg(long, requires = "id")]
    replay: bool,
}

/// Looks and tells.
///
/// # Errors
/// When there is no stack, or nothing of that name.
pub async fn run(args: Args) -> Result<ExitCode, Error> {
    let (aws, place) = Ready::reach(args.at.state.as_deref()).await?;
    let (table, now_ms) = (aws.table(&place.table), Ambient::system().now_ms());
    match args.id {
        Some(id) => {
            let story = if args.replay {
                let event = id.parse().map_err(|_| failed(Step::NotFound))?;
                replay(&table, event, now_ms).await
            } else {
                Timeline::read(&table, &id).await
            };
            let story = story.map_err(failed)?;
            tell(&story, &Told(&story), args.at.json);
        }
        None => {
            let queues = aws.queues(place.queues);
            let glance = Glance::take(&table, &queues, now_ms).await;
            let glance = glance.map_err(failed)?;
            tell(&glance, &Seen(&glance), args.at.json);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn failed(error: Step) -> Error {
    let detail = match error {
        Step::NotFound => "that is the name of nothing here".to_owned(),
        error => error.to_string(),
    };
    Error::Desk { detail }
}

fn tell(what: &impl Serialize, text: &impl Display, json: bool) {
    if json {
        println!("{}", serde_json::to_string(what).unwrap_or_default());
    } else {
        println!("{text}");
    }
}
