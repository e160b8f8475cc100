//! Time as these APIs write it.

use jiff::{Timestamp, tz::Offset};

/// "2021-07-06 17:23:49", in GMT+7.
pub(crate) fn in_jakarta(at_ms: u64) -> String {
    let at_ms = i64::try_from(at_ms).unwrap_or(i64::MAX);
    let instant = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::MAX);
    Offset::constant(7)
        .to_datetime(instant)
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}
