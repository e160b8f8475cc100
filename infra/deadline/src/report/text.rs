//! The report for a person at a terminal.

use super::{Apart, Kept100, Report, Took, breaks::table};
use crate::limits::Hit;
use std::fmt::Write as _;

/// The first run in full, and what breaks first in each.
#[must_use]
pub fn text(runs: &[Report]) -> String {
    let mut out = String::new();
    if let Some(first) = runs.first() {
        // Writing to a text does not fail.
        let _ = whole(&mut out, first);
    }
    if runs.len() > 1 {
        let _ = table(&mut out, runs);
    }
    out
}

fn clock(second: u64) -> String {
    format!(
        "day {} {:02}:{:02}",
        second / 86_400 + 1,
        second / 3_600 % 24,
        second / 60 % 60
    )
}

fn times(scale: f64) -> String {
    format!("{scale}x")
}

fn whole(out: &mut String, r: &Report) -> std::fmt::Result {
    writeln!(
        out,
        "Deadline day at {}, profile {}, seed {}: {} documents from {} to {}, the last stamped or given up {}",
        times(r.scale),
        r.profile,
        r.seed,
        r.arrived,
        clock(r.from_s),
        clock(r.curve_ends_s),
        clock(r.ended_s)
    )?;
    for (name, value, default) in &r.raised {
        writeln!(out, "  {name} {value} (default {default})")?;
    }
    let accepted = r.accepted as f64 * 100.0 / r.arrived.max(1) as f64;
    writeln!(
        out,
        "\nlost {}   accepted {accepted:.3} %   stamped {}   given up {}   waiting {}",
        r.lost, r.stamped, r.given_up, r.waiting
    )?;
    writeln!(
        out,
        "requests turned away that came again {}   dead letters {}",
        r.turned_away, r.dead_letters
    )?;
    writeln!(
        out,
        "\nseconds                      outside of peak             in peak minutes\n                             p50     p90     p99         p50     p90     p99"
    )?;
    for (name, apart) in [
        ("announce to answer", &r.accept),
        ("upload to queued", &r.upload_to_queued),
        ("upload to stamped", &r.upload_to_stamped),
    ] {
        let Apart { outside, peak } = apart;
        writeln!(out, "{name:<23} {}   {}", three(outside), three(peak))?;
    }
    writeln!(
        out,
        "{:<23} {}   ({} documents)",
        "bulk lane, to stamped",
        three(&r.bulk_to_stamped),
        r.bulk_to_stamped.count
    )?;
    writeln!(out, "\nfirst promise")?;
    kept(out, "all", &r.promised)?;
    kept(out, "waited a minute or more", &r.promised_long)?;
    writeln!(out, "  promised nothing: {} documents", r.unpromised)?;
    writeln!(out, "\nfunction        at work  invocations  cold  mean ms")?;
    for f in &r.functions {
        writeln!(
            out,
            "{:<15} {:>7} {:>12} {:>5} {:>8.1}",
            f.name, f.peak, f.invocations, f.cold_starts, f.mean_ms
        )?;
    }
    let [uploads, waiting, bulk] = r.queue_peaks;
    writeln!(
        out,
        "account         {:>7}\nmost waiting: uploads {uploads}, documents {waiting}, of them in the bulk lane {bulk}",
        r.account_peak
    )?;
    writeln!(out, "\nlimits met")?;
    for hit in &r.limits {
        writeln!(out, "  {}", limit(hit))?;
    }
    if r.limits.is_empty() {
        writeln!(out, "  none")?;
    }
    costs(out, r)?;
    hours(out, r)
}

pub(super) fn limit(hit: &Hit) -> String {
    let unit = if hit.refuses { "times" } else { "s" };
    format!(
        "{}: {} {unit}, first {}",
        hit.limit,
        hit.times,
        clock(hit.first_s)
    )
}

fn three(took: &Took) -> String {
    format!(
        "{:>7.2} {:>7.2} {:>7.2}",
        took.p50_s, took.p90_s, took.p99_s
    )
}

fn kept(out: &mut String, name: &str, k: &Kept100) -> std::fmt::Result {
    let ([early, early9], [late, late9]) = (k.early_by_s, k.late_by_s);
    writeln!(
        out,
        "  {name}: {} documents, {:.2} % within; {:.2} % earlier (by {early:.0} s, p90 {early9:.0}), {:.2} % later (by {late:.0} s, p90 {late9:.0}); width / wait {:.2}",
        k.documents, k.inside, k.early, k.late, k.width_to_wait
    )
}

fn costs(out: &mut String, r: &Report) -> std::fmt::Result {
    let [own, all] = r.write_units;
    let [usd_own, usd] = r.usd_per_million();
    writeln!(
        out,
        "\ndollars per million documents: {usd_own:.2} on their own way, {usd:.2} with orders and looks (a document: {own:.1} write units, with indexes {all:.1})"
    )?;
    for counted in [true, false] {
        for line in r.cost.iter().filter(|line| line.counted == counted) {
            let besides = if counted { "" } else { "besides: " };
            writeln!(
                out,
                "  {besides}{} {:.2}, {:.2} ({:.3} a document)",
                line.name, line.own_usd_per_million, line.usd_per_million, line.per_document
            )?;
        }
    }
    writeln!(out, "  the same flow, instead, as")?;
    for way in &r.instead {
        let limit = way.documents_per_s.map_or_else(String::new, |most| {
            format!(", at most {most:.0} documents a second by default")
        });
        writeln!(
            out,
            "    {} {:.2}{limit}",
            way.name, way.own_usd_per_million
        )?;
    }
    Ok(())
}

fn hours(out: &mut String, r: &Report) -> std::fmt::Result {
    writeln!(
        out,
        "\nhour            documents   announce p50 p90 p99        queued p50 p90 p99       stamped p50 p90 p99"
    )?;
    for h in &r.hours {
        writeln!(
            out,
            "{:<15} {:>9} {} {} {}",
            clock(h.hour * 3_600),
            h.arrived,
            three(&h.accept),
            three(&h.upload_to_queued),
            three(&h.upload_to_stamped)
        )?;
    }
    Ok(())
}
