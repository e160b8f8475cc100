//! The reader of settlement files, as the environment says.

use bubuh_gateway::settlement::Layout;
use bubuh_steps::SettlementDesk;
use bubuh_store::{Aws, Error, setting, settings::rates};

/// The reader of settlement files: in the bucket `SETTLEMENTS_BUCKET`, none when that is not set; with the
/// fees of [`rates`].
///
/// # Errors
/// [`Error::Setting`] when a number is none.
pub fn desk(aws: &Aws) -> Result<Option<SettlementDesk>, Error> {
    let Ok(bucket) = setting("SETTLEMENTS_BUCKET") else {
        return Ok(None);
    };
    Ok(Some(SettlementDesk {
        files: aws.settlements(bucket),
        rates: rates()?,
        layout: Layout::OURS,
        ask_always: false,
    }))
}
