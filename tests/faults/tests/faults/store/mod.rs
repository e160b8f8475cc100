//! The adapters against the services' own semantics.

mod conditions;
mod conflicts;
mod files;
mod listings;
mod needed;
mod reads;
mod rules;
mod tickets;
mod whole;

use bubuh_faults::world::{Retries, World};

fn world() -> World {
    World::new(1, Retries::None)
}
