//! What a handler's types can't tell of it.

use crate::problem::kind::Kind;

/// What a handler's types can't tell of it.
#[derive(Debug, Clone, Copy)]
pub struct Says {
    /// Its name, for generated clients.
    pub(super) id: &'static str,
    /// What it does, in a line.
    pub(super) summary: &'static str,
    /// What else a caller should know.
    pub(super) details: &'static str,
    /// Problems beyond those that its types imply.
    pub(super) problems: &'static [Kind],
    /// A body it takes.
    pub(super) example: Option<&'static str>,
}

impl Says {
    /// An operation's name, and what it does.
    #[must_use]
    pub const fn new(id: &'static str, summary: &'static str) -> Self {
        Self {
            id,
            summary,
            details: "",
            problems: &[],
            example: None,
        }
    }

    /// What else a caller should know.
    #[must_use]
    pub const fn details(mut self, details: &'static str) -> Self {
        self.details = details;
        self
    }

    /// Problems beyond those that its types imply.
    #[must_use]
    pub const fn problems(mut self, problems: &'static [Kind]) -> Self {
        self.problems = problems;
        self
    }

    /// A body it takes, as JSON.
    #[must_use]
    pub const fn example(mut self, json: &'static str) -> Self {
        self.example = Some(json);
        self
    }
}
