//! The embedded issuer: the stamp engine behind the issuer port, and its preflight for the intake.

mod convert;
mod embedded;
mod preflight;

pub use embedded::Embedded;
pub use preflight::Engine;
