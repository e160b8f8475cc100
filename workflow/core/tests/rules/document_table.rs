//! Every event in every state of a document, by design.md §3 and §4.

use crate::support::*;
use bubuh_core::{
    Error,
    document::{self, Claim, Lacks},
    write::Write,
};

/// A state: the document goes there. `=`: the row changes, its state does not. `-`: nothing is
/// written. `no`: an error. `fenced`, `leased`, `held`: as the rules call them. `ack`: a worker
/// acknowledges the message and does nothing.
const TABLE: &str = "
event        announced waiting  queued    stamping stamped rejected cancelled stalled   expired  starved  redriven
accept       queued    queued   no        no       no      no       no        no        queued   queued   no
wait         waiting   waiting  no        no       no      no       no        no        waiting  waiting  no
reject       rejected  no       no        no       no      no       no        no        rejected no       no
claim        ack       ack      stamping  leased   ack     ack      ack       ack       ack      ack      stamping
claim_mine   ack       ack      stamping  held     ack     ack      ack       ack       ack      ack      stamping
claim_over   ack       ack      stamping  stamping ack     ack      ack       ack       ack      ack      stamping
mine_over    ack       ack      stamping  stamping ack     ack      ack       ack       ack      ack      stamping
commit       no        no       no        stamped  -       no       no        no        no       no       no
commit_old   no        no       no        fenced   -       no       no        fenced    no       no       fenced
refuse       no        no       no        rejected no      -        no        no        no       no       no
refuse_old   no        no       no        fenced   fenced  -        no        fenced    no       no       fenced
cancel       cancelled cancelled cancelled no      no      no       -         no        cancelled cancelled no
cancel_tomb  cancelled cancelled cancelled no      no      no       -         cancelled cancelled cancelled no
abandon      no        no       no        no       no      no       no        no        no       no       no
abandon_day  abandoned no       no        no       no      no       no        no        no       no       no
abandon_30   abandoned abandoned no       no       no      no       no        no        no       no       no
look         =         waiting  =         =        no      no       no        no        announced no      =
purge        no        no       no        no       no      no       no        no        no       no       no
purge_due    no        no       no        no       =       =        =         no        no       =        no
redrive      no        no       no        no       no      no       no        queued    no       no       no
erase        cancelled cancelled no       no       =       =        =         no        cancelled cancelled no
";

/// The columns' real states: three of them have two histories.
fn real(column: &str) -> &str {
    match column {
        "announced" => "awaiting_upload",
        "waiting" => "awaiting_stamp",
        "expired" | "starved" => "abandoned",
        "redriven" => "queued",
        same => same,
    }
}

fn document_in(column: &str) -> World {
    let mut world = World::default();
    world.buy("o", "ani", 3);
    world.restock("b", &["S1", "S2", "S3"]);
    world.announce("d", "ani");
    // For whoever may accept it, whatever else happened.
    world.hand_out(T0).unwrap();
    match column {
        "announced" => {}
        "waiting" => world.wait("d"),
        "queued" => world.accept("d"),
        "rejected" => world.must(&document::reject(world.document("d"), reason(), T0).unwrap()),
        "cancelled" => world.must(&document::cancel(world.document("d"), false, T0).unwrap()),
        "expired" => {
            world.must(&document::abandon(world.document("d"), T0 + DAY_MS).unwrap());
        }
        "starved" => {
            world.wait("d");
            world.must(&document::abandon(world.document("d"), T0 + 30 * DAY_MS).unwrap());
        }
        "stamping" | "stamped" => {
            world.accept("d");
            world.claim("d", "other", T0 - LEASE_MS);
            let fence = world.claim("d", "me", T0);
            if column == "stamped" {
                world.commit("d", fence);
            }
        }
        "stalled" | "redriven" => {
            world.accept("d");
            world.stall("d");
            if column == "redriven" {
                world.must(&document::redrive(world.document("d"), T0).unwrap());
            }
        }
        other => panic!("{other}"),
    }
    assert_eq!(world.document("d").state.name(), real(column));
    world
}

fn offer(world: &World, event: &str) -> Result<Vec<Write>, String> {
    let row = world.document("d");
    let claim = |holder, now_ms| match document::claim(row, holder, "key-2", LEASE_MS, now_ms) {
        Ok(Claim::Take(_, writes) | Claim::Stall(writes)) => Ok(writes),
        Ok(Claim::Held(_)) => Err("held".to_owned()),
        Ok(Claim::Nothing) => Err("ack".to_owned()),
        Err(error) => Err(name(&error)),
    };
    let output = bubuh_core::document::Output {
        sha256: bubuh_core::id::Sha256::of(b"x"),
        size_bytes: 1,
    };
    let late = T0 + 60 * DAY_MS;
    let old = row.fence.saturating_sub(1);
    let writes = match event {
        "accept" => document::accept(row, world.grant(&row.account).unwrap(), T0),
        "wait" => document::wait(row, source("v2"), Lacks::Serial, T0),
        "reject" => document::reject(row, reason(), T0),
        "claim" => return claim("another", T0 + LEASE_MS - 1),
        "claim_mine" => return claim("me", T0 + LEASE_MS - 1),
        "claim_over" => return claim("another", T0 + LEASE_MS),
        "mine_over" => return claim("me", T0 + LEASE_MS),
        "commit" => document::commit(row, row.fence, output, T0),
        "commit_old" => document::commit(row, old, output, T0),
        "refuse" => document::refuse(row, row.fence, reason(), T0),
        "refuse_old" => document::refuse(row, old, reason(), T0),
        "cancel" => document::cancel(row, false, T0),
        "cancel_tomb" => document::cancel(row, true, T0),
        "abandon" => document::abandon(row, T0 + DAY_MS - 1),
        "abandon_day" => document::abandon(row, T0 + 30 * DAY_MS - 1),
        "abandon_30" => document::abandon(row, T0 + 30 * DAY_MS),
        "look" => document::look_again(row, T0),
        // Each row's own edge: a moment before it is due, and when it is.
        "purge" => document::purged(row, row.due_at_ms.unwrap_or(late) - 1),
        "purge_due" => document::purged(row, row.due_at_ms.unwrap_or(late)),
        "redrive" => document::redrive(row, T0),
        "erase" => document::erase(row, T0),
        other => panic!("{other}"),
    };
    writes.map_err(|error| name(&error))
}

fn name(error: &Error) -> String {
    match error {
        Error::Fenced { .. } => "fenced",
        Error::Leased { .. } => "leased",
        Error::IllegalTransition { .. } => "no",
        other => panic!("{other}"),
    }
    .to_owned()
}

fn outcome(column: &str, event: &str) -> String {
    let mut world = document_in(column);
    let writes = match offer(&world, event) {
        Ok(writes) => writes,
        Err(why) => return why,
    };
    if writes.is_empty() {
        return "-".to_owned();
    }
    let before = world.document("d").clone();
    world.must(&writes);
    let after = world.document("d");
    if after.state == before.state && event != "claim_over" && event != "mine_over" {
        return if after.state.name() == "awaiting_stamp" {
            "waiting"
        } else {
            "="
        }
        .to_owned();
    }
    match after.state.name() {
        "awaiting_stamp" => "waiting",
        "awaiting_upload" => "announced",
        same => same,
    }
    .to_owned()
}

#[test]
fn every_event_in_every_state_of_a_document_does_what_the_table_says() {
    let mut lines = TABLE.trim().lines().map(str::split_whitespace);
    let columns: Vec<&str> = lines.next().unwrap().skip(1).collect();
    assert_eq!(columns.len(), 11);
    let mut wrong = Vec::new();
    for mut line in lines {
        let event = line.next().unwrap();
        let cells: Vec<&str> = line.collect();
        assert_eq!(cells.len(), columns.len(), "{event}");
        for (column, expected) in columns.iter().zip(cells) {
            let found = outcome(column, event);
            if found != expected {
                wrong.push(format!("{event} in {column}: {found}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
