//! At which stack an operator's command with subcommands acts, and how it tells.

use std::path::PathBuf;

/// The options of all its subcommands.
#[derive(clap::Args, Debug)]
pub struct At {
    /// The state directory of a running `bubuh up`; with TABLE set, the environment's stack instead
    #[arg(long, value_name = "DIR", global = true)]
    pub state: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
}
