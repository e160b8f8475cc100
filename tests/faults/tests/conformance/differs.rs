//! Where a side is known to differ from AWS. Nothing is skipped: a behaviour of this list must fail
//! with the words given, so that the day it no longer does, its test says so.

use crate::sides::Which;

/// A known difference from AWS.
#[derive(Debug)]
pub(crate) struct Differs {
    pub(crate) who: Which,
    /// The behaviour that it does not show.
    pub(crate) behaviour: &'static str,
    /// What AWS does, and what that means for us.
    #[allow(dead_code)] // printed
    pub(crate) aws: &'static str,
    /// What is seen instead: part of how the behaviour fails.
    pub(crate) seen: &'static str,
}

pub(crate) const DIFFERENCES: &[Differs] = &[
    Differs {
        who: Which::Emulator,
        behaviour: "the_same_start_while_it_runs_is_the_same_execution",
        aws: "StartExecution is idempotent while a Standard execution of that name and input runs; \
              the store looks at the execution on either answer",
        seen: "ExecutionAlreadyExists",
    },
    Differs {
        who: Which::Emulator,
        behaviour: "a_deletion_by_an_earlier_receipt_is_no_error",
        aws: "DeleteMessage by an earlier receipt handle succeeds and may not delete; the mapping \
              in front of our functions does not care",
        seen: "ReceiptHandleIsInvalid",
    },
    Differs {
        who: Which::Emulator,
        behaviour: "the_digest_of_what_was_stored_is_given_back",
        aws: "PutObject answers x-amz-checksum-sha256 when one was sent; nothing of ours reads it",
        seen: "left: None",
    },
];

/// The difference of this side in this behaviour, if any is known.
pub(crate) fn known(who: Which, behaviour: &str) -> Option<&'static Differs> {
    let mut all = DIFFERENCES.iter();
    all.find(|d| d.who == who && d.behaviour == behaviour)
}
