//! What an operator sees, as text.

use bubuh_steps::overview::{Count, Glance, Timeline};
use std::fmt::{self, Display};

/// A time for people.
fn at(ms: u64) -> String {
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

/// The whole at a glance, for people.
#[derive(Debug)]
pub struct Seen<'a>(pub &'a Glance);

/// One thing from its beginning to its end, for people.
#[derive(Debug)]
pub struct Told<'a>(pub &'a Timeline);

impl Display for Seen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let glance = self.0;
        for lane in &glance.lanes {
            let looked = match (lane.looked_at_ms_ago, lane.workers) {
                (Some(ms), Some(workers)) => {
                    format!("at most {workers} at once; seen {} ago", lasting(ms))
                }
                _ => "sweep has not looked yet".to_owned(),
            };
            writeln!(
                f,
                "lane {:<7} {} waiting, {} in hand, {} numbers given ({looked})",
                lane.lane, lane.waiting, lane.in_hand, lane.issued
            )?;
        }
        let (waiting, in_hand) = (glance.uploads_waiting, glance.uploads_in_hand);
        writeln!(f, "uploads      {waiting} waiting, {in_hand} in hand")?;
        if glance.overdue.is_empty() {
            writeln!(f, "overdue      nothing")?;
        }
        let or_more = |more: bool| if more { " or more" } else { "" };
        let more = or_more(glance.overdue_and_more);
        for (kind, Count { count, oldest_ms }) in &glance.overdue {
            let oldest = lasting(*oldest_ms);
            writeln!(
                f,
                "overdue      {count}{more} {kind}, the oldest for {oldest}"
            )?;
        }
        let more = or_more(glance.cases_and_more);
        for (owner, Count { count, oldest_ms }) in &glance.cases {
            let oldest = lasting(*oldest_ms);
            writeln!(
                f,
                "cases        {count}{more} for {owner}, the oldest for {oldest}"
            )?;
        }
        for id in &glance.untold {
            writeln!(f, "webhooks     event {id} was not told in any try")?;
        }
        writeln!(f, "serials      {} can be sold", glance.sellable)?;
        if let Some(asked) = glance.asked_of_issuer {
            let (count, ago) = (asked.count, lasting(asked.ms_ago));
            writeln!(f, "issuer       asked for {count} serials {ago} ago")?;
        }
        match &glance.sales_closed {
            None => write!(f, "sales        open"),
            Some(closed) => {
                let (by, ago) = (&closed.by, lasting(closed.ms_ago));
                write!(f, "sales        closed by {by} {ago} ago")
            }
        }
    }
}

impl Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let story = self.0;
        writeln!(f, "{}", story.subject)?;
        for event in &story.events {
            writeln!(f, "  {}  {}", at(event.at_ms), event.what)?;
        }
        write!(f, "now")?;
        for fact in &story.now {
            write!(f, "\n  {}", fact.what)?;
            if let Some(ms) = fact.at_ms {
                write!(f, " {}", at(ms))?;
            }
        }
        Ok(())
    }
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
