//! What looking at a page may cost: a hostile page is looked at less, never longer.

/// Counts down; once anything runs out, the look ends with what was seen so far.
#[derive(Debug)]
pub(crate) struct Effort {
    bytes: usize,
    steps: usize,
}

impl Effort {
    /// For one document: the text of some hundred ordinary pages, or of one very full one.
    pub(crate) const DEFAULT: Self = Self {
        bytes: 4 * 1024 * 1024,
        steps: 400_000,
    };

    /// Bytes that may still be decompressed or parsed.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Pays for bytes that were read.
    pub(super) const fn read(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// Pays for so many operators, letters or pieces of a line. Says whether there is any left.
    pub(super) const fn step(&mut self, count: usize) -> bool {
        self.steps = self.steps.saturating_sub(count);
        !self.spent()
    }

    pub(super) const fn spent(&self) -> bool {
        self.bytes == 0 || self.steps == 0
    }
}
