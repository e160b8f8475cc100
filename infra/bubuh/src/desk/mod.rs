//! What an operator sees without a database console: the whole at a glance, and one thing from its beginning to its end.
//! Names of files, and where buyers want their money, are not shown.

pub mod glance;
pub mod timeline;
pub mod told;

use bubuh_core::Error as Rule;

/// A time for people.
pub(crate) fn at(ms: u64) -> String {
    let known = i64::try_from(ms).ok();
    let time = known.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    time.map_or_else(|| format!("{ms} ms"), |time| time.to_string())
}

/// How long, for people.
pub(crate) fn lasting(ms: u64) -> String {
    let seconds = ms.div_euclid(1_000);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds.div_euclid(60)),
        7_200..172_800 => format!("{} h", seconds.div_euclid(3_600)),
        _ => format!("{} d", seconds.div_euclid(86_400)),
    }
}

/// A text that names nothing.
pub(crate) fn no_id(error: &Rule) -> String {
    format!("that is the id of nothing: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_waits_are_told_in_the_largest_unit_that_says_enough() {
        assert_eq!(at(1_790_000_000_000), "2026-09-21T14:13:20Z");
        let waits = [0, 119_000, 120_000, 7_199_000, 7_200_000, 172_800_000].map(lasting);
        assert_eq!(waits, ["0 s", "119 s", "2 min", "119 min", "2 h", "2 d"]);
    }
}
