//! Times as clients read them.

use jiff::{Timestamp, tz};
use schemars::JsonSchema;
use serde::Serialize;

/// A time in answers: RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Time(#[schemars(extend("format" = "date-time"))] String);

impl Time {
    /// Of milliseconds since the epoch.
    #[must_use]
    pub fn of(at_ms: u64) -> Self {
        Self(rfc3339(at_ms))
    }
}

/// RFC 3339 in UTC, of milliseconds since the epoch.
#[must_use]
pub fn rfc3339(at_ms: u64) -> String {
    i64::try_from(at_ms)
        .ok()
        .and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .unwrap_or(Timestamp::MAX)
        .to_string()
}

/// Milliseconds since the epoch of an RFC 3339 time; `None` for anything else, and for times before the epoch.
#[must_use]
pub fn from_rfc3339(text: &str) -> Option<u64> {
    let at: Timestamp = text.parse().ok()?;
    u64::try_from(at.as_millisecond()).ok()
}

/// Date and minute in western Indonesian time (UTC+7, no summer time), of milliseconds since the epoch.
#[must_use]
pub fn wib(at_ms: u64) -> String {
    let at = i64::try_from(at_ms).ok();
    let at = at.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let local = tz::offset(7).to_datetime(at.unwrap_or(Timestamp::MAX));
    local.strftime("%Y-%m-%d %H:%M WIB").to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn western_indonesia_is_seven_hours_ahead() {
        assert_eq!(super::wib(1_795_491_000_500), "2026-11-24 10:30 WIB");
    }

    #[test]
    fn a_time_is_read_with_any_offset_and_anything_else_is_none() {
        let read = super::from_rfc3339;
        assert_eq!(read("2026-11-24T10:30:00.5+07:00"), Some(1_795_491_000_500));
        assert_eq!(
            ["2026-11-24", "soon", "", "1969-12-31T23:59:59Z"].map(read),
            [None; 4]
        );
    }

    #[test]
    fn a_time_is_written_in_utc() {
        assert_eq!(super::rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(super::rfc3339(1_795_491_000_500), "2026-11-24T03:30:00.5Z");
    }
}
