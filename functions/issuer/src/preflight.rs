//! The engine's preflight as the intake's.

use crate::convert::{placement, reason};
use bubuh_core::document::{Placement, Reason};
use bubuh_steps::Preflight;

/// The stamp engine's verdict.
#[derive(Debug, Clone, Copy, Default)]
pub struct Engine;

impl Preflight for Engine {
    fn check(&self, file: Vec<u8>, wanted: Placement) -> Result<(), Reason> {
        bubuh_pdf::preflight(&file.into(), &placement(wanted))
            .map(|_| ())
            .map_err(|refusal| reason(&refusal))
    }
}
