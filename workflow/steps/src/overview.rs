//! What an operator sees without a database console: the whole at a glance, and one thing from its beginning to its end.
//! Names of files, and where buyers want their money, are not shown.

mod glance;
mod timeline;
mod told;

pub use glance::{Asked, Closed, Count, Glance, LaneSeen};
pub use timeline::{Event, Fact, Timeline};
pub use told::replay;
