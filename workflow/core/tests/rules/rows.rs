//! A whole world for the audit, and its rows by name, to tamper with.

use crate::support::*;
use bubuh_core::{
    audit::Rows,
    document::{self, Lacks},
    money::Stamps,
    order::OrderState,
    refund::{Answer, Next, Refund, plan, settle},
};

/// Everything at once: stamped, queued, waiting and cancelled documents, a serial that came back, a
/// refund that was made, one that is open, and one of a second payment.
pub(crate) fn whole() -> World {
    let mut world = World::queued();
    for name in ["stamped", "cancelled", "waiting"] {
        world.announce(name, "ani");
    }
    world.accept("stamped");
    let fence = world.claim("stamped", "me", T0);
    world.commit("stamped", fence);
    world.accept("cancelled");
    world.must(&document::cancel(world.document("cancelled"), false, T0).unwrap());
    let waiting = world.document("waiting");
    world.must(&document::wait(waiting, source("v1"), Lacks::Serial, T0).unwrap());
    world.buy("p", "budi", 5);
    world.capture("p", "second", 50_000, T0);
    for (key, made) in [("r", true), ("s", false)] {
        let lots = world.lots_of("budi");
        let payment = world.payment("p");
        let two = Stamps::new(2);
        let (refund, writes) = Refund::ask(refund_key(key), payment, &lots, two, T0).unwrap();
        world.must(&writes);
        if made {
            let Next::Call(writes) = plan(&refund, world.payment("p"), T0).unwrap() else {
                panic!()
            };
            world.must(&writes);
            let refund = &world.refunds[&refund.key];
            let payment = world.payment("p");
            world.must(&settle(refund, payment, None, Answer::Made, T0).unwrap());
        }
    }
    world
}

pub(crate) fn unpaid() -> bubuh_core::order::Order {
    let mut world = World::default();
    world.place("q", "ani", 1);
    let mut order = world.order("q").clone();
    order.state = OrderState::Credited;
    order
}

pub(crate) fn lot(world: &World, owner: &str) -> bubuh_core::lot::LotId {
    world.lots_of(owner)[0].id
}

pub(crate) fn lot_mut<'a>(
    world: &World,
    rows: &'a mut Rows,
    owner: &str,
) -> &'a mut bubuh_core::lot::Lot {
    let id = lot(world, owner);
    rows.lots.iter_mut().find(|l| l.id == id).unwrap()
}

pub(crate) fn entry<'a>(rows: &'a mut Rows, prefix: &str) -> &'a mut bubuh_core::ledger::Entry {
    rows.entries
        .iter_mut()
        .find(|e| e.id.starts_with(prefix))
        .unwrap()
}

pub(crate) fn payment<'a>(rows: &'a mut Rows, paid: &str) -> &'a mut bubuh_core::payment::Payment {
    rows.payments
        .iter_mut()
        .find(|p| p.transaction.as_str() == paid)
        .unwrap()
}

pub(crate) fn refund<'a>(rows: &'a mut Rows, key: &str) -> &'a mut Refund {
    rows.refunds
        .iter_mut()
        .find(|r| r.key == refund_key(key))
        .unwrap()
}

pub(crate) fn document<'a>(rows: &'a mut Rows, name: &str) -> &'a mut document::Document {
    rows.documents
        .iter_mut()
        .find(|d| d.id == document_id(name))
        .unwrap()
}
