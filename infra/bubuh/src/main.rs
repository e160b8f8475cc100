//! The `bubuh` command.

use std::process::ExitCode;

use bubuh::commands;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "bubuh",
    version,
    about = "e-Meterai bought and affixed exactly once"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the whole service on this machine
    Up(commands::up::Args),
    /// Walk one document the whole way on this machine
    Demo(commands::demo::Args),
    /// See the whole at a glance, or one order or document from beginning to end
    Desk(commands::desk::Args),
    /// Check every invariant of money, stamps and serials
    Audit(commands::audit::Args),
    /// See and end what people must see to
    Case(commands::case::Args),
    /// Stop new orders, or take them again
    Sales(commands::sales::Args),
    /// Book a settlement file and report how gateway, ledger and file agree
    Reconcile(commands::reconcile::Args),
    /// See what breaks first on a deadline day, before it comes
    Simulate(commands::simulate::Args),
    /// Have many PDFs stamped by the service, each once
    Submit(commands::submit::Args),
    /// Affix a stamp to a PDF with the local development key
    Stamp(commands::stamp::Args),
    /// Verify the stamps of a PDF offline
    Verify(commands::verify::Args),
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Up(args) => commands::up::run(args)
            .await
            .map_err(|error| error.to_string()),
        Command::Demo(args) => commands::demo::run(args)
            .await
            .map_err(|error| error.to_string()),
        Command::Desk(args) => commands::desk::run(args)
            .await
            .map_err(|error| error.to_string()),
        Command::Audit(args) => commands::audit::run(args)
            .await
            .map_err(|error| error.to_string()),
        Command::Case(args) => commands::case::run(args)
            .await
            .map_err(|error| error.to_string()),
        Command::Sales(args) => commands::sales::run(args)
            .await
            .map_err(|error| error.to_string()),
        Command::Reconcile(args) => commands::reconcile::run(args)
            .await
            .map_err(|error| error.to_string()),
        Command::Simulate(args) => commands::simulate::run(args).map_err(|error| error.to_string()),
        Command::Submit(args) => commands::submit::run(args)
            .await
            .map_err(|error| error.to_string()),
        Command::Stamp(args) => commands::stamp::run(args),
        Command::Verify(args) => commands::verify::run(args),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("bubuh: {error}");
        ExitCode::FAILURE
    })
}
