//! The step workflows: load a row, let the rules decide, write the decision, and only then act.
//!
//! Every step may be repeated, run twice at once or die anywhere: what it does outside is keyed by
//! something written before, and what it writes holds only on the row it was decided on.

pub mod accept;
pub mod announce;
pub mod assemble;
pub mod audit;
pub mod cases;
mod confirm;
pub mod courier;
mod error;
pub mod hooks;
pub mod line;
pub mod order;
pub mod overview;
pub mod refund;
pub mod settlement;
pub mod stamp;
pub mod stock;
pub mod sweep;
mod switch;

pub use accept::{Accepted, Delivery, Intake, Preflight, Rows};
pub use announce::Desk;
pub use cases::{Cases, Resolution, Way};
pub use courier::Courier;
pub use error::Error;
pub use hooks::HookDesk;
pub use line::{Line, Watch};
pub use order::Sales;
pub use refund::Refunds;
pub use settlement::SettlementDesk;
pub use stamp::{Done, Stamper};
pub use stock::Stock;
pub use sweep::Sweep;
pub use switch::Switchboard;

/// How often a step decides anew after another writer was faster, before it leaves the rest to a retry.
const TRIES: usize = 8;
