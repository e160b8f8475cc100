//! Issuers behind the port: the embedded one, which is the stamp engine with who signs and who time-stamps for it, and
//! Peruri's API. And the engine's preflight for the intake.

mod chosen;
mod convert;
mod embedded;
pub mod peruri;
mod preflight;
mod setup;
mod signer;
mod timestamp;

pub use chosen::{Issuer, Serials, documents_a_worker, issuer, serials};
pub use embedded::Embedded;
pub use preflight::Engine;
pub use setup::Setup;
pub use signer::{Key, Signer};
pub use timestamp::Authority;
