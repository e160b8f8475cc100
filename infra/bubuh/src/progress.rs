//! Progress of long work, on standard error: a spinner on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Where progress goes.
#[derive(Clone, Debug)]
pub enum Progress {
    /// Nowhere: tests.
    Silent,
    /// One plain line for each step.
    Lines,
    /// A spinner with the current step.
    Spinner(ProgressBar),
}

impl Progress {
    /// A spinner if standard error is a terminal, plain lines otherwise.
    #[must_use]
    pub fn stderr() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::Lines;
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed:.dim}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self::Spinner(bar)
    }

    /// Says what is being done now.
    pub fn step(&self, text: &str) {
        match self {
            Self::Silent => {}
            Self::Lines => eprintln!("bubuh: {text}"),
            Self::Spinner(bar) => bar.set_message(text.to_owned()),
        }
    }

    /// Lets another program write to standard error meanwhile, such as cargo with its own bar.
    pub(crate) fn is_silent(&self) -> bool {
        matches!(self, Self::Silent)
    }

    /// Clears the spinner.
    pub fn finish(&self) {
        if let Self::Spinner(bar) = self {
            bar.finish_and_clear();
        }
    }
}
