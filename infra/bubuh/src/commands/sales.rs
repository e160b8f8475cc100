//! `bubuh sales`: degraded mode. New orders stop; what is ordered goes on.

use super::at::At;
use crate::{Error, stack::ready::Ready};
use bubuh_core::sales::Switch;
use bubuh_steps::Switchboard;
use bubuh_store::{Ambient, Table};
use serde_json::json;
use std::process::ExitCode;

/// Arguments of `bubuh sales`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    at: At,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Whether orders are taken, and how many stamps can be sold
    Show,
    /// Take no new orders; whatever is ordered is still credited, stamped and refunded
    Close {
        /// For so many minutes; without it until `bubuh sales open`
        #[arg(long, value_name = "MINUTES")]
        minutes: Option<u32>,
        /// Who decides
        #[arg(long)]
        by: String,
    },
    /// Take new orders again
    Open {
        /// Who decides
        #[arg(long)]
        by: String,
    },
}

/// Shows or turns the switch.
///
/// # Errors
/// When there is no stack, or somebody else turned it at the same moment.
pub async fn run(args: Args) -> Result<ExitCode, Error> {
    let (aws, place) = Ready::reach(args.at.state.as_deref()).await?;
    let table = aws.table(&place.table);
    let now_ms = Ambient::system().now_ms();
    let told = turn(table, &args.command).await;
    let (switch, sellable) = told.map_err(|e| Error::Sales {
        detail: e.to_string(),
    })?;
    let closed = switch.closed_at(now_ms);
    if args.at.json {
        let told = json!({
            "open": closed.is_none(), "closed": closed, "by": switch.by, "sellable": sellable,
        });
        println!("{told}");
    } else {
        let state = match closed.map(|closed| closed.until_ms) {
            None => "open".to_owned(),
            Some(None) => format!("closed by {}, until opened", switch.by),
            Some(Some(until_ms)) => {
                let minutes = until_ms.saturating_sub(now_ms).div_ceil(60_000);
                format!("closed by {} for {minutes} min more", switch.by)
            }
        };
        println!("sales are {state}; {sellable} serials can be sold");
    }
    Ok(ExitCode::SUCCESS)
}

async fn turn(table: Table, command: &Command) -> Result<(Switch, i64), bubuh_steps::Error> {
    let switches = Switchboard {
        table: table.clone(),
        ambient: Ambient::system(),
    };
    let switch = match command {
        Command::Show => table.sales_switch().await?,
        Command::Close { minutes, by } => switches.close(*minutes, by).await?,
        Command::Open { by } => switches.open(by).await?,
    };
    let free = table.capacity().await?.iter().map(|slot| slot.free).sum();
    Ok((switch, free))
}
