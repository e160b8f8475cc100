//! `bubuh desk`: the whole at a glance, or one order, document, serial or event from beginning to end.

use super::at::At;
use crate::{
    Error,
    desk::{glance::Glance, timeline::Timeline, told},
    stack::ready::Ready,
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
    let failed = |detail| Error::Desk { detail };
    match args.id {
        Some(id) => {
            let table = aws.table(&place.table);
            if args.replay {
                let replayed = told::replay(&table, &id, Ambient::system().now_ms()).await;
                replayed.map_err(failed)?;
            }
            let story = Timeline::read(&table, &id).await;
            tell(&story.map_err(failed)?, args.at.json);
        }
        None => {
            let glance = Glance::take(&aws, &place, Ambient::system().now_ms()).await;
            tell(&glance.map_err(|e| failed(e.to_string()))?, args.at.json);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(what: &(impl Serialize + Display), json: bool) {
    if json {
        println!("{}", serde_json::to_string(what).unwrap_or_default());
    } else {
        println!("{what}");
    }
}
