//! A day of the books: in Jakarta (WIB), seven hours ahead of UTC all year.

use bubuh_core::settlement::report::Day;
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::Offset,
};

const JAKARTA: Offset = Offset::constant(7);

/// The day that this moment is in, in milliseconds since the epoch.
#[must_use]
pub fn of(now_ms: u64) -> Option<Date> {
    Some(at(now_ms)?.date())
}

/// The first millisecond of a day, and of the next.
#[must_use]
pub fn bounds(date: Date) -> Option<Day> {
    let first = |date: Date| {
        let start = JAKARTA.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
        u64::try_from(start.as_millisecond()).ok()
    };
    Some(Day {
        from_ms: first(date)?,
        to_ms: first(date.tomorrow().ok()?)?,
    })
}

/// A moment as people in Jakarta write it.
#[must_use]
pub fn time(at_ms: u64) -> String {
    at(at_ms).map_or_else(String::new, |at| {
        at.strftime("%Y-%m-%d %H:%M:%S").to_string()
    })
}

fn at(ms: u64) -> Option<DateTime> {
    let timestamp = Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()?;
    Some(JAKARTA.to_datetime(timestamp))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_seven_in_the_evening_of_the_day_before_in_utc() {
        let date: Date = "2026-11-25".parse().unwrap();
        let day = bounds(date).unwrap();
        let utc = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
        assert_eq!(
            i64::try_from(day.from_ms).unwrap(),
            utc("2026-11-24T17:00:00Z")
        );
        assert_eq!(
            i64::try_from(day.to_ms).unwrap(),
            utc("2026-11-25T17:00:00Z")
        );
        assert_eq!(
            (of(day.from_ms), of(day.to_ms - 1)),
            (Some(date), Some(date))
        );
        assert_ne!(of(day.from_ms - 1), Some(date));
        assert_eq!(time(day.from_ms), "2026-11-25 00:00:00");
    }
}
