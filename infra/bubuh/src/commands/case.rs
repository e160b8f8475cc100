//! `bubuh case`: what people must see to, oldest first, and how it ends.

use super::at::At;
use crate::{Error, books, desk::lasting, stack::ready::Ready};
use bubuh_core::{case::Case, id::CaseId};
use bubuh_steps::Way;
use bubuh_store::Ambient;
use std::process::ExitCode;

/// Arguments of `bubuh case`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    at: At,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Open cases, the oldest first
    List {
        /// Closed ones too
        #[arg(long)]
        all: bool,
    },
    /// One case
    Show {
        /// Its id
        id: String,
    },
    /// End a case; what it is about moves in the same transaction
    Resolve {
        /// Its id
        id: String,
        /// How
        #[arg(long = "as", value_name = "OUTCOME")]
        outcome: Outcome,
        /// The bank's reference of a payout; needed with `--as paid`
        #[arg(long, required_if_eq("outcome", "paid"))]
        reference: Option<String>,
        /// Who decides
        #[arg(long)]
        by: String,
    },
}

#[derive(clap::ValueEnum, Debug, Clone, Copy)]
enum Outcome {
    /// Try again: a refund at the gateway, a document at a worker; wait again for a payout
    Retry,
    /// A refund was paid, or money that was not ours was paid back, by bank transfer
    Paid,
    /// A refund is called off: the buyer keeps the stamps
    Keep,
    /// A dispute ended for us
    Won,
    /// A dispute ended for the payer
    Lost,
    /// Suspended money belongs to what the gateway owes us, or keeps back later
    Place,
    /// What a payout lacked, or took, is given up
    WriteOff,
    /// Seen; nothing is left to be done
    Noted,
}

impl From<Outcome> for Way {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Retry => Self::Retry,
            Outcome::Paid => Self::Paid,
            Outcome::Keep => Self::Keep,
            Outcome::Won => Self::Won,
            Outcome::Lost => Self::Lost,
            Outcome::Place => Self::Place,
            Outcome::WriteOff => Self::WriteOff,
            Outcome::Noted => Self::Noted,
        }
    }
}

/// Lists, shows or resolves.
///
/// # Errors
/// When there is no stack or case, or the outcome does not fit the case.
pub async fn run(args: Args) -> Result<ExitCode, Error> {
    let (aws, place) = Ready::reach(args.at.state.as_deref()).await?;
    let failed = |e: String| Error::Case { detail: e };
    let table = aws.table(&place.table);
    let listed = |open| {
        let table = &table;
        async move { table.cases(open).await.map_err(|e| failed(e.to_string())) }
    };
    let id = |text: &str| text.parse::<CaseId>().map_err(|e| failed(e.to_string()));
    let mut cases = match args.command {
        Command::List { all } => {
            let mut cases = listed(true).await?;
            if all {
                cases.extend(listed(false).await?);
            }
            cases
        }
        Command::Show { id: text } => {
            let found = table.case(id(&text)?).await;
            let found = found.map_err(|e| failed(e.to_string()))?;
            vec![found.ok_or_else(|| failed("there is no such case".to_owned()))?]
        }
        Command::Resolve {
            id: text,
            outcome,
            reference,
            by,
        } => {
            let cases = books::cases(&aws, &place).await?;
            let how = Way::from(outcome).with(reference.as_deref());
            let how = how.map_err(|e| failed(e.to_string()))?;
            let closed = cases.resolve(id(&text)?, &how, &by).await;
            vec![closed.map_err(|e| failed(e.to_string()))?]
        }
    };
    cases.sort_by_key(|case| case.opened_at_ms);
    if args.at.json {
        println!("{}", serde_json::to_string(&cases).unwrap_or_default());
    } else {
        let now_ms = Ambient::system().now_ms();
        for case in &cases {
            println!("{}", line(case, now_ms));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A case for a person, with its age.
fn line(case: &Case, now_ms: u64) -> String {
    let age = lasting(now_ms.saturating_sub(case.opened_at_ms));
    let end = case.closed.as_ref().map_or_else(String::new, |closed| {
        format!(", closed as {} by {}", closed.outcome, closed.by)
    });
    format!(
        "{}  {:<20} {:<8} {age:>7}  {} ({}){end}",
        case.id,
        case.kind.name(),
        case.owner.name(),
        case.note,
        case.account,
    )
}
