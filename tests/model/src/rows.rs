//! The table, shared between states: most actions leave it as it is.

use crate::world::{Lost, World};
use bubuh_core::{audit::audit, inventory::Offer, write::Write};
use std::{
    cell::RefCell,
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    ops::Deref,
    sync::Arc,
};

#[derive(Debug)]
struct Table {
    world: World,
    digest: u64,
    breaches: Vec<String>,
}

thread_local! {
    /// A checker's thread ends with its run, and this with it.
    static KNOWN: RefCell<HashMap<u64, Rows>> = RefCell::default();
}

/// All rows, with their digest and what the audit says of them, both made once a write.
#[derive(Clone)]
pub(crate) struct Rows(Arc<Table>);

impl Rows {
    /// Many ways lead to the same rows: they are audited and kept once.
    pub(crate) fn new(world: World) -> Self {
        let mut hasher = DefaultHasher::new();
        world.hash(&mut hasher);
        let digest = hasher.finish();
        KNOWN.with_borrow_mut(|known| {
            let there = known.get(&digest).filter(|rows| rows.0.world == world);
            if let Some(rows) = there {
                return rows.clone();
            }
            let breaches = audit(&world.rows()).breaches;
            let rows = Self(Arc::new(Table {
                digest,
                breaches: breaches
                    .into_iter()
                    .map(|b| format!("{}: {} {}", b.invariant, b.subject, b.detail))
                    .collect(),
                world,
            }));
            known.insert(digest, rows.clone());
            rows
        })
    }

    /// Applies all writes or none.
    pub(crate) fn apply(&mut self, writes: &[Write]) -> Result<(), Lost> {
        if writes.is_empty() {
            return Ok(());
        }
        let mut world = self.0.world.clone();
        world.apply(writes)?;
        *self = Self::new(world);
        Ok(())
    }

    /// The next serial of any block, handed out.
    pub(crate) fn hand_out(&mut self, now_ms: u64) -> Option<Offer> {
        let mut world = self.0.world.clone();
        let offer = world.hand_out(now_ms);
        *self = Self::new(world);
        offer
    }

    pub(crate) fn breaches(&self) -> &[String] {
        &self.0.breaches
    }
}

impl Deref for Rows {
    type Target = World;
    fn deref(&self) -> &World {
        &self.0.world
    }
}

impl PartialEq for Rows {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || self.0.digest == other.0.digest && self.0.world == other.0.world
    }
}

impl Eq for Rows {}

impl Hash for Rows {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.digest.hash(state);
    }
}

impl std::fmt::Debug for Rows {
    /// What a reader of a trace wants to know.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for d in self.documents.values() {
            write!(
                f,
                "{}:{:?} v{} fence {}; ",
                short(d.id),
                d.state,
                d.version,
                d.fence
            )?;
        }
        for lot in self.lots.values() {
            write!(
                f,
                "lot {} available {} reserved {} stamped {} refunding {} refunded; ",
                lot.available, lot.reserved, lot.stamped, lot.refunding, lot.refunded
            )?;
        }
        for order in self.orders.values() {
            write!(f, "order {:?}; ", order.state)?;
        }
        for refund in self.refunds.values() {
            write!(f, "refund {:?} {:?}; ", refund.reason, refund.state)?;
        }
        write!(f, "{:?}", self.breaches())
    }
}

fn short(id: impl ToString) -> String {
    id.to_string().chars().take(4).collect()
}
