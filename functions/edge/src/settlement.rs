//! What the environment says of settlement files.

use bubuh_core::{money::Rupiah, settlement::Rates};
use bubuh_gateway::settlement::Layout;
use bubuh_steps::SettlementDesk;
use bubuh_store::{Aws, Error};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// How long the gateway may take to pay a payment out, in milliseconds: `SETTLEMENT_DAYS`; none when that
/// is 0 or not set.
///
/// # Errors
/// [`Error::Setting`] when it is no number.
pub fn within_ms() -> Result<Option<u64>, Error> {
    days(std::env::var("SETTLEMENT_DAYS").ok())
}

fn days(text: Option<String>) -> Result<Option<u64>, Error> {
    let days = number("SETTLEMENT_DAYS", text, 0)?;
    Ok(Some(days.saturating_mul(DAY_MS)).filter(|ms| *ms > 0))
}

/// The reader of settlement files: in the bucket `SETTLEMENTS_BUCKET`, none when that is not set; the fees
/// that are agreed by `QRIS_FEE_BASIS_POINTS` and `TRANSFER_FEE`, the usual ones when they are not set.
///
/// # Errors
/// [`Error::Setting`] when a number is none.
pub fn desk(aws: &Aws) -> Result<Option<SettlementDesk>, Error> {
    let read = |name| {
        std::env::var(name)
            .ok()
            .filter(|text: &String| !text.is_empty())
    };
    let Some(bucket) = read("SETTLEMENTS_BUCKET") else {
        return Ok(None);
    };
    let usual = Rates::default();
    let (points, transfer) = ("QRIS_FEE_BASIS_POINTS", "TRANSFER_FEE");
    let qris = number(points, read(points), usual.qris_basis_points.into())?;
    let rates = Rates {
        qris_basis_points: u32::try_from(qris).map_err(|_| no_number(points))?,
        transfer: Rupiah::new(number(transfer, read(transfer), usual.transfer.get())?),
        ..usual
    };
    Ok(Some(SettlementDesk {
        files: aws.settlements(bucket),
        rates,
        layout: Layout::OURS,
        ask_always: false,
    }))
}

fn number(name: &'static str, text: Option<String>, unless_set: u64) -> Result<u64, Error> {
    match text.filter(|text| !text.is_empty()) {
        Some(text) => text.parse().map_err(|_| no_number(name)),
        None => Ok(unless_set),
    }
}

fn no_number(name: &'static str) -> Error {
    Error::Setting {
        name,
        why: "is no whole number".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_days_or_none_set_means_that_no_payout_is_waited_for() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(days(None).unwrap(), None);
        assert_eq!(days(text("")).unwrap(), None);
        assert_eq!(days(text("0")).unwrap(), None);
        assert_eq!(days(text("5")).unwrap(), Some(5 * DAY_MS));
        for bad in ["five", "-1", "1.5"] {
            assert!(days(text(bad)).is_err(), "{bad}");
        }
    }
}
