//! Rules broken on purpose: each must be caught, or the model proves nothing.

/// One broken rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mutant {
    /// A worker ends a document under whatever fence the row has now.
    NoFence,
    /// Rows of documents are replaced without asking for their version.
    NoCondition,
    /// The row says stamped before the file is stored.
    CommitBeforePut,
    /// A refusal is written without a tombstone at the output key.
    NoTombstone,
    /// The file of an erased document is deleted, and nothing is left in its place.
    NoTombstoneWhenErased,
    /// The stored file is put over what stands there.
    PlainPut,
    /// Stamps are not looked for again after waiting was written.
    NoSecondLook,
    /// A worker that finds a file at the output key commits its own all the same.
    NoAdoption,
    /// Sweep sends nothing again.
    NoResend,
    /// A refund's stamps are not held before the gateway is asked.
    NoHold,
    /// A delivery that meets a live lease fails instead of being acknowledged.
    LeaseFails,
    /// A journal like that of AWS Powertools' idempotency: the claim expires, the effect is a plain
    /// put, and completion is written without a fence and without a condition.
    Powertools,
}
