//! Side by side: how long a stamp takes against what cannot be saved, and against other libraries.

mod bombs;
mod documents;
mod others;
mod timing;

pub use bombs::bombs;
pub use documents::{Sample, samples};
pub use others::{Other, others};
pub use timing::medians_us;
