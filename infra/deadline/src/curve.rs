//! When documents come: the last four days before a deadline, or any table.

use crate::error::Error;
use std::collections::BTreeMap;

const HOUR_S: u64 = 3_600;
/// Hours of the built-in curve; its end is the deadline, at midnight.
const HOURS: u64 = 96;
/// Documents in these four days: 3.57 M - 1.54 M applicants of 2024's last four days, two stamps each (domain.md).
const DOCUMENTS: f64 = 4_000_000.0;
/// Sustained in the last hours, and in the peak minutes, documents a second (domain.md, our gates).
const SUSTAINED: f64 = 150.0;
const PEAK: f64 = 700.0;
const SUSTAINED_HOURS: u64 = 3;
/// The peak minutes: from how many seconds before the end on, and for how long.
const PEAKS: [(u64, u64); 3] = [(9_000, 300), (4_500, 300), (600, 300)];
/// How busy each hour of a day is, from midnight on.
const DAY: [f64; 24] = [
    2.0, 1.0, 0.6, 0.4, 0.4, 0.8, 1.5, 3.0, 5.0, 6.5, 7.0, 6.5, 5.5, 6.5, 7.0, 6.5, 6.0, 5.0, 5.0,
    6.5, 7.5, 7.5, 6.0, 4.0,
];
/// How busy each of the four days is.
const DAYS: [f64; 4] = [1.0, 1.2, 1.6, 2.6];

/// Documents that come evenly over a span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arriving {
    /// From this second on.
    pub from_s: u64,
    /// To this one.
    pub to_s: u64,
    /// How many.
    pub documents: f64,
}

/// Who sends documents: all those with an account of their own, or one account.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stream {
    pub(crate) account: Option<u32>,
    spans: Vec<Arriving>,
}

/// All documents of a simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrivals {
    pub(crate) streams: Vec<Stream>,
    /// Seconds from the first on.
    pub(crate) lasts_s: u64,
    peaks: Vec<(u64, u64)>,
    /// Documents that come at a known moment: in milliseconds, and whose; in order.
    exact: Vec<(u64, Option<u32>)>,
}

impl Stream {
    /// Documents a second at this second.
    pub(crate) fn rate(&self, second: u64) -> f64 {
        let next = self.spans.partition_point(|span| span.from_s <= second);
        let span = next.checked_sub(1).and_then(|n| self.spans.get(n));
        span.filter(|span| second < span.to_s).map_or(0.0, |span| {
            span.documents / span.to_s.saturating_sub(span.from_s).max(1) as f64
        })
    }
}

impl Arrivals {
    /// The last four days before a deadline, and one bulk customer in the last day's afternoon.
    #[must_use]
    pub fn deadline(bulk_documents: f64, bulk_rate: f64) -> Self {
        let end_s = HOURS * HOUR_S;
        let quiet_s = end_s - SUSTAINED_HOURS * HOUR_S;
        let mut spans = Vec::new();
        let loud = loud_part(quiet_s, end_s);
        let loudly: f64 = loud.iter().map(|span| span.documents).sum();
        let weight = |hour: u64| {
            let of_day = DAY.get((hour % 24) as usize).copied().unwrap_or(0.0);
            of_day * DAYS.get((hour / 24) as usize).copied().unwrap_or(0.0)
        };
        let whole: f64 = (0..quiet_s / HOUR_S).map(weight).sum();
        for hour in 0..quiet_s / HOUR_S {
            spans.push(Arriving {
                from_s: hour * HOUR_S,
                to_s: (hour + 1) * HOUR_S,
                documents: (DOCUMENTS - loudly) * weight(hour) / whole,
            });
        }
        spans.extend(loud);
        let mut streams = vec![Stream {
            account: None,
            spans,
        }];
        if bulk_documents > 0.0 && bulk_rate > 0.0 {
            let from_s = end_s - 12 * HOUR_S;
            let lasts_s = (bulk_documents / bulk_rate).ceil().max(1.0) as u64;
            streams.push(Stream {
                account: Some(0),
                spans: vec![Arriving {
                    from_s,
                    to_s: from_s + lasts_s,
                    documents: bulk_documents,
                }],
            });
        }
        Self::of(streams)
    }

    /// A table: a line `time,documents[,account]` for what comes from that time on, evenly until the time of the next
    /// line; a line's last span is as long as the one before it. Times are seconds. A line with an account is of that
    /// account; the others' documents have an account each.
    ///
    /// # Errors
    /// [`Error::Arrivals`] for the first line that can't be read.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut rows: BTreeMap<Option<String>, Vec<(u64, f64)>> = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            let heading = index == 0 && line.starts_with(|c: char| c.is_ascii_alphabetic());
            if line.is_empty() || line.starts_with('#') || heading {
                continue;
            }
            let bad = |why| Error::Arrivals {
                line: index + 1,
                why,
            };
            let mut fields = line.split(',').map(str::trim);
            let time = fields.next().and_then(|t| t.parse().ok());
            let time = time.ok_or_else(|| bad("the time is no whole number of seconds"))?;
            let documents: Option<f64> = fields.next().and_then(|t| t.parse().ok());
            let documents = documents.filter(|n| n.is_finite() && *n >= 0.0);
            let documents = documents.ok_or_else(|| bad("documents is no number"))?;
            let account = fields
                .next()
                .filter(|a| !a.is_empty())
                .map(ToOwned::to_owned);
            let of = rows.entry(account).or_default();
            if of.last().is_some_and(|(before, _)| *before >= time) {
                return Err(bad("the time is not after the one before"));
            }
            of.push((time, documents));
        }
        let mut streams = Vec::new();
        for (account, rows) in rows {
            let named = streams
                .iter()
                .filter(|s: &&Stream| s.account.is_some())
                .count();
            streams.push(Stream {
                account: account.map(|_| named as u32),
                spans: spans(&rows),
            });
        }
        if streams.is_empty() {
            return Err(Error::Arrivals {
                line: 1,
                why: "there is none",
            });
        }
        Ok(Self::of(streams))
    }

    /// Documents that came at these moments, in milliseconds, each of this account or of one of its own.
    #[must_use]
    pub fn exactly(mut exact: Vec<(u64, Option<u32>)>) -> Self {
        exact.sort_unstable();
        Self {
            streams: Vec::new(),
            lasts_s: exact.last().map_or(0, |(at_ms, _)| at_ms / 1_000 + 1),
            peaks: Vec::new(),
            exact,
        }
    }

    /// Those that come at a known moment of this second.
    pub(crate) fn exact_in(&self, second: u64) -> &[(u64, Option<u32>)] {
        let until = |second: u64| self.exact.partition_point(|(ms, _)| ms / 1_000 < second);
        self.exact
            .get(until(second)..until(second + 1))
            .unwrap_or_default()
    }

    /// How long they last, in seconds.
    #[must_use]
    pub const fn lasts_s(&self) -> u64 {
        self.lasts_s
    }

    fn of(streams: Vec<Stream>) -> Self {
        let ends = streams
            .iter()
            .flat_map(|s| s.spans.last())
            .map(|span| span.to_s);
        let lasts_s = ends.max().unwrap_or(0);
        let mut arrivals = Self {
            streams,
            lasts_s,
            peaks: Vec::new(),
            exact: Vec::new(),
        };
        arrivals.peaks = arrivals.find_peaks();
        arrivals
    }

    /// Minutes with at least three fifths of the busiest minute's documents.
    fn find_peaks(&self) -> Vec<(u64, u64)> {
        let minutes: Vec<f64> = (0..self.lasts_s.div_ceil(60))
            .map(|m| self.rate(m * 60))
            .collect();
        let busiest = minutes.iter().copied().fold(0.0, f64::max);
        let mut peaks: Vec<(u64, u64)> = Vec::new();
        for (minute, rate) in minutes.iter().enumerate() {
            let from_s = minute as u64 * 60;
            match peaks.last_mut() {
                _ if *rate < busiest * 0.6 => {}
                Some((_, to_s)) if *to_s == from_s => *to_s += 60,
                _ => peaks.push((from_s, from_s + 60)),
            }
        }
        peaks
    }

    fn rate(&self, second: u64) -> f64 {
        self.streams.iter().map(|stream| stream.rate(second)).sum()
    }

    /// Whether this second is in the peak.
    pub(crate) fn is_peak(&self, second: u64) -> bool {
        let next = self.peaks.partition_point(|(from, _)| *from <= second);
        let peak = next.checked_sub(1).and_then(|n| self.peaks.get(n));
        peak.is_some_and(|(_, to)| second < *to)
    }
}

/// The last hours: sustained, with the peak minutes in them.
fn loud_part(from_s: u64, end_s: u64) -> Vec<Arriving> {
    let mut spans = Vec::new();
    let mut span = |from_s: u64, to_s: u64, rate: f64| {
        if to_s > from_s {
            let documents = (to_s - from_s) as f64 * rate;
            spans.push(Arriving {
                from_s,
                to_s,
                documents,
            });
        }
    };
    let mut at_s = from_s;
    for (before_s, lasts_s) in PEAKS {
        let peak_s = end_s - before_s;
        span(at_s, peak_s, SUSTAINED);
        span(peak_s, peak_s + lasts_s, PEAK);
        at_s = peak_s + lasts_s;
    }
    span(at_s, end_s, SUSTAINED);
    spans
}

fn spans(rows: &[(u64, f64)]) -> Vec<Arriving> {
    let mut spans: Vec<Arriving> = Vec::new();
    for (n, (from_s, documents)) in rows.iter().enumerate() {
        let before = spans.last().map_or(60, |span| span.to_s - span.from_s);
        let to_s = rows.get(n + 1).map_or(from_s + before, |(next, _)| *next);
        spans.push(Arriving {
            from_s: *from_s,
            to_s,
            documents: *documents,
        });
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_four_days_bring_four_million_documents_with_the_gates_rates_at_the_end() {
        let arrivals = Arrivals::deadline(0.0, 0.0);
        let all: f64 = (0..arrivals.lasts_s).map(|s| arrivals.rate(s)).sum();
        assert!((all / DOCUMENTS - 1.0).abs() < 0.001, "{all}");
        let end_s = HOURS * HOUR_S;
        assert_eq!(arrivals.rate(end_s - 10_000), SUSTAINED);
        assert_eq!(arrivals.rate(end_s - 450), PEAK);
        let quiet = (0..end_s - SUSTAINED_HOURS * HOUR_S)
            .map(|s| arrivals.rate(s))
            .fold(0.0, f64::max);
        assert!(quiet < SUSTAINED, "{quiet}");
        let peak = (0..end_s).filter(|s| arrivals.is_peak(*s)).count();
        assert_eq!(peak, 900);
    }

    #[test]
    fn a_table_gives_each_line_until_the_next_and_each_account_its_own() {
        let text = "time,documents,account\n0,60\n60,600\n90,30,office\n120,0\n150,30,office\n";
        let arrivals = Arrivals::parse(text).unwrap();
        let rates: Vec<f64> = [0, 59, 60, 119, 120, 200]
            .map(|s| arrivals.streams[0].rate(s))
            .into();
        assert_eq!(rates, [1.0, 1.0, 10.0, 10.0, 0.0, 0.0]);
        let office = &arrivals.streams[1];
        assert_eq!(
            (office.account, office.rate(89), office.rate(100)),
            (Some(0), 0.0, 0.5)
        );
        assert_eq!(arrivals.lasts_s, 210);
        assert!(arrivals.is_peak(60) && !arrivals.is_peak(0) && !arrivals.is_peak(150));
    }

    #[test]
    fn a_line_that_can_not_be_read_is_named() {
        for (text, line) in [
            ("0,1\nx,2", 2),
            ("0,-1", 1),
            ("5,1\n5,1", 2),
            ("", 1),
            ("time,documents\n", 1),
        ] {
            assert!(
                matches!(Arrivals::parse(text), Err(Error::Arrivals { line: l, .. }) if l == line),
                "{text}"
            );
        }
    }
}
