//! `steps::stamp`: claim, affix, store, commit.

use super::{Call, accept::decided};
use crate::{
    cloud::Object,
    io::{Io, Step, Stop, becomes},
    mutant::Mutant,
    start,
    state::Message,
};
use bubuh_core::{
    Error,
    document::{self, Claim, Document, Output},
    id::{DocumentId, Sha256},
};
use std::sync::Arc;

pub(super) fn stamp(io: &mut Io<'_>, id: DocumentId, holder: u8) -> Step<()> {
    let Some(document) = io.document(id)? else {
        return Ok(());
    };
    let name = holder_name(holder);
    let again = Call::Stamp { id, holder };
    match document::claim(&document, &name, "key", start::LEASE_MS, io.now_ms) {
        Ok(Claim::Take(claimed, writes)) => match io.commit(&writes)? {
            Ok(()) => becomes(Call::Work {
                claimed: Arc::new(*claimed),
                holder,
            }),
            Err(_) => becomes(again),
        },
        Ok(Claim::Held(claimed)) => becomes(Call::Work {
            claimed: Arc::new(*claimed),
            holder,
        }),
        Ok(Claim::Stall(writes)) => match io.commit(&writes)? {
            Ok(()) => Ok(()),
            Err(_) => becomes(again),
        },
        Err(Error::Leased { .. }) if io.mutant == Some(Mutant::LeaseFails) => Err(Stop::Fails),
        Ok(Claim::Nothing) | Err(Error::Leased { .. }) => Ok(()),
        Err(_) => Err(Stop::Fails),
    }
}

pub(super) fn work(io: &mut Io<'_>, claimed: &Arc<Document>, holder: u8) -> Step<()> {
    let Some(key) = claimed.output_key() else {
        return Err(Stop::Fails);
    };
    let powertools = io.mutant == Some(Mutant::Powertools);
    let ends = |standing| {
        becomes(Call::Finish {
            claimed: claimed.clone(),
            row: claimed.clone(),
            standing,
        })
    };
    // No two tries make the same bytes: safety must not rest on it.
    let file = Object::File {
        fence: claimed.fence,
        holder,
    };
    if claimed.fence > 1
        && !powertools
        && let Some(standing) = io.output(&key)?
    {
        return ends(adopted(io, standing, file));
    }
    if io.mutant == Some(Mutant::CommitBeforePut) {
        return ends(file);
    }
    let made = if io.affix()? { file } else { Object::Tombstone };
    if made == Object::Tombstone && io.mutant == Some(Mutant::NoTombstone) {
        return ends(made);
    }
    if io.store(&key, made)? {
        return ends(made);
    }
    match io.output(&key)? {
        Some(standing) => ends(adopted(io, standing, file)),
        None => Err(Stop::Fails),
    }
}

/// What is stored wins.
fn adopted(io: &Io<'_>, standing: Object, own: Object) -> Object {
    match standing {
        Object::File { .. } if io.mutant == Some(Mutant::NoAdoption) => own,
        standing => standing,
    }
}

pub(super) fn finish(
    io: &mut Io<'_>,
    claimed: &Arc<Document>,
    row: &Arc<Document>,
    standing: Object,
) -> Step<()> {
    let fence = match io.mutant {
        Some(Mutant::NoFence) => row.fence,
        _ => claimed.fence,
    };
    let decision = match standing {
        Object::File { .. } => document::commit(row, fence, output(standing), io.now_ms),
        Object::Tombstone => document::refuse(row, fence, start::reason(), io.now_ms),
    };
    match decision {
        // Another worker owns it, or has ended it the other way.
        Err(Error::Fenced { .. } | Error::IllegalTransition { .. }) => {}
        decision => {
            let writes = decided(decision)?;
            if io.commit(&writes)?.is_err() {
                let Some(row) = io.document(claimed.id)? else {
                    return Ok(());
                };
                return becomes(Call::Finish {
                    claimed: claimed.clone(),
                    row,
                    standing,
                });
            }
        }
    }
    match standing {
        Object::Tombstone => io.send(Message::Wake),
        Object::File { .. } if io.mutant == Some(Mutant::CommitBeforePut) => {
            becomes(Call::StoreLate {
                key: claimed.output_key().unwrap_or_default(),
                file: standing,
            })
        }
        Object::File { .. } => Ok(()),
    }
}

fn output(file: Object) -> Output {
    Output {
        sha256: digest(file),
        size_bytes: 9_000,
    }
}

/// A holder's name on a lease.
pub(crate) fn holder_name(holder: u8) -> String {
    format!("holder {holder}")
}

/// The digest of an object's bytes.
pub(crate) fn digest(object: Object) -> Sha256 {
    Sha256::of(format!("{object:?}").as_bytes())
}
