//! The embedded issuer: the stamp engine behind the issuer port, who signs and who time-stamps for it, and its
//! preflight for the intake.

mod convert;
mod embedded;
mod preflight;
mod setup;
mod signer;
mod timestamp;

pub use embedded::Embedded;
pub use preflight::Engine;
pub use setup::Setup;
pub use signer::{Key, Signer};
pub use timestamp::Authority;
