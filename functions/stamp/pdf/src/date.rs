//! PDF dates in UTC (ISO 32000-2, 7.9.4).

const DAY_S: i64 = 86_400;

/// `D:YYYYMMDDHHmmSS+00'00'`, or nothing outside the years 0 to 9999.
pub(crate) fn format(unix_s: i64) -> Option<String> {
    let (year, month, day) = civil(unix_s.div_euclid(DAY_S));
    let second = unix_s.rem_euclid(DAY_S);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    (0..=9999)
        .contains(&year)
        .then(|| format!("D:{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}+00'00'"))
}

/// Reads what [`format`] writes.
pub(crate) fn parse(text: &[u8]) -> Option<i64> {
    parse_digits(text.strip_prefix(b"D:")?.strip_suffix(b"+00'00'")?)
}

/// Reads the date of any writer, with its own offset from UTC; the parts that may be missing count as in UTC.
pub(crate) fn parse_any(text: &[u8]) -> Option<i64> {
    let text = text.strip_prefix(b"D:").unwrap_or(text);
    let digits = text.get(..14)?;
    let local = parse_digits(digits)?;
    let rest: Vec<u8> = text
        .get(14..)?
        .iter()
        .copied()
        .filter(|byte| *byte != b'\'')
        .collect();
    let (sign, rest) = match rest.split_first() {
        Some((b'+', rest)) => (1, rest),
        Some((b'-', rest)) => (-1, rest),
        _ => return Some(local),
    };
    let number = |from: usize| {
        let two = rest.get(from..from + 2)?;
        std::str::from_utf8(two).ok()?.parse::<i64>().ok()
    };
    let offset_s = number(0)? * 3600 + number(2).unwrap_or(0) * 60;
    Some(local - sign * offset_s)
}

/// Reads the time of a time-stamp (RFC 3161, 2.4.2): `YYYYMMDDhhmmss[.s…]Z`, whole seconds.
pub(crate) fn parse_generalized(text: &[u8]) -> Option<i64> {
    let (digits, rest) = text.split_at_checked(14)?;
    let fraction = rest.strip_suffix(b"Z")?;
    let plain = fraction.is_empty()
        || fraction
            .strip_prefix(b".")
            .is_some_and(|digits| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit));
    parse_digits(digits).filter(|_| plain)
}

fn parse_digits(digits: &[u8]) -> Option<i64> {
    if digits.len() != 14 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let part = |from: usize, to: usize| {
        std::str::from_utf8(digits.get(from..to)?)
            .ok()?
            .parse::<i64>()
            .ok()
    };
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let second = part(8, 10)? * 3600 + part(10, 12)? * 60 + part(12, 14)?;
    let unix_s = days(year, month, day) * DAY_S + second;
    // A day such as 31 February would come back as another one.
    (format(unix_s)?.as_bytes().get(2..16)? == digits).then_some(unix_s)
}

/// Days since 1970 to a proleptic Gregorian date: eras of 400 years that start on 1 March.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments() {
        assert_eq!(format(0).unwrap(), "D:19700101000000+00'00'");
        assert_eq!(format(951_782_400).unwrap(), "D:20000229000000+00'00'");
        assert_eq!(format(1_790_000_000).unwrap(), "D:20260921141320+00'00'");
        assert_eq!(format(i64::MAX), None);
    }

    #[test]
    fn what_is_written_is_read_back() {
        for day in (-100_000..100_000).step_by(17) {
            let unix_s = day * DAY_S + 86_399;
            assert_eq!(parse(format(unix_s).unwrap().as_bytes()), Some(unix_s));
        }
        assert_eq!(parse(b"D:20260231000000+00'00'"), None);
        assert_eq!(parse(b"D:2026+00'00'"), None);
    }

    #[test]
    fn other_writers_dates_are_read_with_their_offset() {
        let utc = parse(b"D:20260921141320+00'00'").unwrap();
        for text in [
            "D:20260921141320Z",
            "D:20260921141320",
            "D:20260921211320+07'00'",
            "D:20260921211320+07'00",
            "D:20260921084320-05'30'",
        ] {
            assert_eq!(parse_any(text.as_bytes()), Some(utc), "{text}");
        }
        assert_eq!(parse_any(b"yesterday"), None);
    }

    #[test]
    fn the_times_of_time_stamps_are_read_to_the_second() {
        let read = parse_generalized;
        assert_eq!(read(b"20000229000000Z"), Some(951_782_400));
        assert_eq!(read(b"20000229000000.25Z"), Some(951_782_400));
        for bad in ["20000229000000", "20000229000000.Z", "20000230000000Z"] {
            assert_eq!(read(bad.as_bytes()), None, "{bad}");
        }
    }
}
