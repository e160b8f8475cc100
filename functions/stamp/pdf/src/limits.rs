//! How much of a document the engine is willing to look at.

/// Limits on input. Each has its own refusal, so that a user learns which one was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest accepted file, in bytes.
    pub input_bytes: usize,
    /// Most pages walked.
    pub pages: usize,
    /// Most cross-reference entries and form fields read.
    pub objects: usize,
    /// Most cross-reference sections (revisions) followed.
    pub revisions: usize,
    /// Most bytes decompressed for one document, all streams together: what a hostile file can cost.
    pub inflated_bytes: usize,
    /// Most values in one object.
    pub values: usize,
    /// Deepest nesting of values, page-tree nodes and fields.
    pub depth: usize,
}

impl Limits {
    /// The limits used when none are given.
    pub const DEFAULT: Self = Self {
        input_bytes: 25 * 1024 * 1024,
        pages: 20_000,
        objects: 1_000_000,
        revisions: 1_000,
        inflated_bytes: 64 * 1024 * 1024,
        values: 200_000,
        depth: 64,
    };

    /// More objects than a stamp has, and more values than it adds to one.
    const MOST_ADDED: usize = 64;
    /// More than its section takes when it is a stream, in bytes.
    const ROWS_BYTES: usize = 1024;

    /// The same for a stamped file: the stamp must not push a document over the limit it passed.
    pub(crate) const fn for_output(self) -> Self {
        Self {
            input_bytes: self.input_bytes.saturating_mul(2),
            revisions: self.revisions.saturating_add(1),
            objects: self.objects.saturating_add(Self::MOST_ADDED),
            values: self.values.saturating_add(Self::MOST_ADDED),
            inflated_bytes: self.inflated_bytes.saturating_add(Self::ROWS_BYTES),
            ..self
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
