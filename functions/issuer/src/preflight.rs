//! The engine's preflight as the intake's.

use crate::convert::{place, placement, reason};
use bubuh_core::document::{Place, Placement, Reason};
use bubuh_steps::Preflight;

/// The stamp engine's verdict.
#[derive(Debug, Clone, Copy, Default)]
pub struct Engine;

impl Preflight for Engine {
    fn check(&self, file: Vec<u8>, wanted: &Placement) -> Result<Place, Reason> {
        bubuh_pdf::preflight(&file.into(), &placement(wanted))
            .map(|verdict| place(&verdict))
            .map_err(|refusal| reason(&refusal))
    }
}
