//! Webhooks and what they are told: who is told what, under which name, how often, and signed how.

use crate::{
    audit_red::{Tampered, each_is_named},
    rows::whole,
    support::*,
};
use bubuh_core::{
    audit::{Rows, audit},
    document,
    event::{About, Event, Next, Outcome, Telling},
    hook::{Asked, Hooks, Topic},
    id::{HookId, OrderId, Sha256},
    money::Rupiah,
    order::ObservedState,
    refund::{Answer, Next as Step, Refund, plan, settle},
    write::Write,
};
use std::collections::BTreeSet;

pub(super) fn hook_id(name: &str) -> HookId {
    HookId::derive(&[name])
}

pub(super) fn asked(name: &str, topics: &[Topic]) -> Asked {
    Asked {
        id: hook_id(name),
        url: format!("https://{name}.test/"),
        topics: topics.iter().copied().collect(),
        request_hash: Sha256::of(name.as_bytes()),
    }
}

impl World {
    pub(super) fn hooks_of(&self, owner: &str) -> Hooks {
        let hooks = self.hooks.get(&account(owner)).cloned();
        hooks.unwrap_or_else(|| Hooks::none(account(owner)))
    }

    pub(super) fn registers(&mut self, owner: &str, name: &str, topics: &[Topic]) {
        let writes = self.hooks_of(owner).add(asked(name, topics), T0).unwrap();
        self.must(&writes);
    }

    /// Document `d` is stamped.
    pub(super) fn stamps(&mut self, told: bool) {
        self.documents.get_mut(&document_id("d")).unwrap().told = told;
        let fence = self.claim("d", "me", T0);
        self.commit("d", fence);
    }

    pub(super) fn event(&self) -> &Event {
        assert_eq!(self.events.len(), 1);
        self.events.values().next().unwrap()
    }

    /// Plans the next tries, and gives who is told; `None` when it is forgotten.
    pub(super) fn plans(&mut self, down: &[&str], now_ms: u64) -> Option<Vec<HookId>> {
        let down: BTreeSet<HookId> = down.iter().map(|name| hook_id(name)).collect();
        match self
            .event()
            .plan(&self.hooks_of("ani"), &down, now_ms)
            .unwrap()
        {
            Next::Forget(writes) => {
                self.must(&writes);
                None
            }
            Next::Tell(row, writes, tell) => {
                self.must(&writes);
                assert_eq!(*row, *self.event());
                Some(tell)
            }
        }
    }

    pub(super) fn hears(&mut self, name: &str, outcome: Outcome, now_ms: u64) {
        let writes = self.event().heard(&[(hook_id(name), outcome)], now_ms);
        self.must(&writes.unwrap());
    }

    pub(super) fn state(&self, name: &str) -> Telling {
        let mut to = self.event().to.iter();
        to.find(|to| to.hook == hook_id(name)).unwrap().state
    }
}

/// A document of ani's that was stamped, and is to be told.
pub(super) fn stamped() -> World {
    let mut world = World::queued();
    world.registers("ani", "erp", &Topic::ALL);
    world.stamps(true);
    world
}

// What the audit makes of it.

/// Something is told that nothing else in the rows speaks of.
fn tell(rows: &mut Rows, topic: Topic, about: About) {
    let mut event = stamped().event().clone();
    (event.topic, event.about) = (topic, about);
    rows.events.push(event);
}

const SO: &[&str] = &["what is told is so"];

pub(crate) const TAMPERED: &[Tampered] = &[
    (
        "a stamp is told that no document has",
        |_, rows| rows.events.push(stamped().event().clone()),
        SO,
    ),
    (
        "another file is told of than the stamped one",
        |_, rows| {
            let document = document_id("stamped");
            let sha256 = Some(Sha256::of(b"another"));
            tell(
                rows,
                Topic::DocumentStamped,
                About::Document { document, sha256 },
            );
        },
        SO,
    ),
    (
        "a credit is told of an order that nobody placed",
        |_, rows| {
            let order = OrderId::derive(&["nobody's"]);
            tell(rows, Topic::OrderCredited, About::Order { order });
        },
        SO,
    ),
    (
        "a refund is told that is still to be made",
        |_, rows| {
            let (order, refund) = {
                let mut open = rows.refunds.iter().filter(|r| r.is_open());
                let refund = open.next().unwrap();
                (refund.order, refund.key)
            };
            tell(rows, Topic::RefundRefunded, About::Refund { order, refund });
        },
        SO,
    ),
];

#[test]
fn what_is_told_and_is_not_so_is_found() {
    each_is_named(TAMPERED, whole);
}

// What is owed.

#[test]
fn what_ends_is_told_in_the_very_decision_that_ends_it_and_only_where_somebody_wants_it() {
    for told in [true, false] {
        let mut world = World::queued();
        world.stamps(told);
        let topics: Vec<_> = world.events.values().map(|event| event.topic).collect();
        let expected: &[Topic] = if told { &[Topic::DocumentStamped] } else { &[] };
        assert_eq!(topics, expected);
        assert_eq!(audit(&world.rows()).breaches, []);
    }
    let mut world = World::default();
    world.announce("d", "ani");
    world.documents.get_mut(&document_id("d")).unwrap().told = true;
    let writes = document::reject(world.document("d"), reason(), T0).unwrap();
    world.must(&writes);
    assert_eq!(world.event().topic, Topic::DocumentRejected);
    assert_eq!(audit(&world.rows()).breaches, []);
}

#[test]
fn a_credited_order_and_a_refund_that_was_made_are_told_once() {
    let mut world = World::default();
    world.place("o", "ani", 1);
    let told = bubuh_core::order::Order {
        told: true,
        ..world.order("o").clone()
    };
    let paid = seen("t", ObservedState::Captured, Rupiah::new(10_000));
    let writes = bubuh_core::order::observe(&told, None, &[], &paid, T0).unwrap();
    let events = |writes: &[Write]| {
        let events = writes.iter().filter_map(|write| match write {
            Write::Event(put) => Some(put.row.topic),
            _ => None,
        });
        events.collect::<Vec<_>>()
    };
    assert_eq!(events(&writes), [Topic::OrderCredited]);
    world.must(&writes);
    // Money that buys nothing is no credit.
    let again = seen("u", ObservedState::Captured, Rupiah::new(10_000));
    let order = world.order("o").clone();
    let writes = bubuh_core::order::observe(&order, None, &[], &again, T0).unwrap();
    assert_eq!(events(&writes), []);
    world.must(&writes);
    let payment = world.payments[&transaction("u")].clone();
    let refund = world.refunds.values().next().unwrap().clone();
    let Step::Call(writes) = plan(&refund, &payment, T0).unwrap() else {
        panic!()
    };
    assert_eq!(events(&writes), []);
    world.must(&writes);
    let refund = Refund {
        told: true,
        ..world.refunds.values().next().unwrap().clone()
    };
    let payment = &world.payments[&transaction("u")];
    let writes = settle(&refund, payment, None, Answer::Made, T0).unwrap();
    assert_eq!(events(&writes), [Topic::RefundRefunded]);
    world.must(&writes);
    assert_eq!(audit(&world.rows()).breaches, []);
    let refund = world.refunds.values().next().unwrap();
    let payment = &world.payments[&transaction("u")];
    assert_eq!(settle(refund, payment, None, Answer::Made, T0).unwrap(), []);
}

#[test]
fn what_is_told_holds_names_and_a_digest_and_nothing_else() {
    let event = serde_json::to_value(&stamped().event().about).unwrap();
    let fields: Vec<_> = event.as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["document", "sha256"]);
    assert_eq!(event["sha256"], Sha256::of(b"stamped").as_str());
}
