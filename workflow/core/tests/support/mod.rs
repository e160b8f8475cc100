//! The rules' world in memory: rows, the writes that change them, and what must hold after each.

pub(crate) mod make;
pub(crate) mod payouts;
pub(crate) mod watch;
/// The model's interpreter: one reading of `Write` for both.
#[path = "../../../../tests/model/src/world.rs"]
pub(crate) mod world;

pub(crate) use make::*;
pub(crate) use payouts::*;
pub(crate) use world::World;
