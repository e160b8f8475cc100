//! Where stamps are made elsewhere: that place fails too, and its books are held against ours at the end.

use super::settle::Picture;
use crate::Run;
use bubuh::stack::Stack;
use bubuh_faults::remote::disagreements;
use bubuh_sandbox::issuer::{Call, FaultKind, FaultSpec};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::{Instant, sleep};

/// What goes wrong while a document is stamped, in either form of the API. Serials are made before, so what goes wrong
/// there would not be met in every run.
const FAULTS: [FaultKind; 5] = [
    FaultKind::ReplyLost,
    FaultKind::Slow,
    FaultKind::Refused,
    FaultKind::SignedButRefused,
    FaultKind::TokenExpired,
];
const SLOW_MS: u64 = 5_000;
/// What an answer may have left undone is looked for after two minutes.
const SEARCHED_WITHIN: Duration = Duration::from_secs(240);

fn name(kind: FaultKind) -> String {
    format!("the issuer: {kind:?} at {:?}", Call::Sign)
}

/// Has each fault met soon.
pub(super) fn all_fail(stack: &Stack, chance: &mut fastrand::Rng) {
    for kind in FAULTS {
        fails(stack, kind, chance);
    }
}

/// Has one of the faults met, whichever chance picks. Faults that nobody met by now are forgotten, once each kind was seen:
/// where few documents are left they would gather, and no call could go well any more.
pub(super) fn one_fails(stack: &Stack, chance: &mut fastrand::Rng) {
    if fired(stack).values().all(|count| *count > 0) {
        recovers(stack);
    }
    let kind = FAULTS[chance.usize(..FAULTS.len())];
    fails(stack, kind, chance);
}

fn fails(stack: &Stack, kind: FaultKind, chance: &mut fastrand::Rng) {
    let spec = FaultSpec {
        count: chance.u32(1..4),
        delay_ms: if kind == FaultKind::Slow { SLOW_MS } else { 0 },
        ..FaultSpec::once(kind).at(Call::Sign)
    };
    let set = stack
        .payments()
        .with_issuer(|issuer, _| issuer.set_fault(spec));
    set.map_or(Ok(0), |set| set).expect("a fault that can fire");
}

/// No more of them.
pub(super) fn recovers(stack: &Stack) {
    stack
        .payments()
        .with_issuer(|issuer, _| issuer.clear_faults());
}

/// How often each fired; empty where stamps are made here.
pub(super) fn fired(stack: &Stack) -> BTreeMap<String, usize> {
    let counted = stack.payments().with_issuer(|issuer, _| {
        let mut all: BTreeMap<_, _> = FAULTS.map(|kind| (name(kind), 0)).into();
        for fired in issuer.fired() {
            *all.entry(name(fired.kind)).or_default() += 1;
        }
        all
    });
    counted.unwrap_or_default()
}

/// What does not agree with the books there, once calls under way have ended.
pub(super) async fn wrong(run: &Run) -> Vec<String> {
    let until = Instant::now() + SEARCHED_WITHIN;
    loop {
        let rows = Picture::take(run).await.whole.rows;
        let found = run
            .stack
            .payments()
            .with_issuer(|issuer, _| disagreements(issuer, &rows));
        let found = found.unwrap_or_default();
        if found.is_empty() || Instant::now() > until {
            return found;
        }
        sleep(Duration::from_secs(2)).await;
    }
}
