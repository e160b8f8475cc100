//! `bubuh desk`: the whole at a glance, or one order, document or serial from beginning to end.

use super::at::At;
use crate::{
    Error,
    desk::{glance::Glance, timeline::Timeline},
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
    /// An order's or document's id, or a serial; everything at a glance if not given
    id: Option<String>,
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
            let story = Timeline::read(&aws.table(&place.table), &id).await;
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
