//! What must hold on a deadline day, with the limits of the runbook.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use bubuh_deadline::{Arrivals, PROFILE, Report, Settings, simulate};

fn run(of: &[&str], table: &str, scale: f64) -> Report {
    let settings = Settings::of_template()
        .unwrap()
        .with_profile(PROFILE)
        .unwrap();
    let settings = of
        .iter()
        .fold(settings, |settings, text| settings.with(text).unwrap());
    let arrivals = Arrivals::parse(table).unwrap();
    let report = simulate(&settings.at(scale, 1), &arrivals, 0).unwrap();
    println!(
        "{scale}x {of:?}: {} came; outside {:?}, peak {:?}; promised {:?}; waited {:?}; limits {:?}",
        report.arrived,
        report.upload_to_stamped.outside,
        report.upload_to_stamped.peak,
        report.promised,
        report.promised_long,
        report.limits
    );
    assert_eq!((report.lost, report.given_up, report.waiting), (0, 0, 0));
    assert_eq!(report.accepted, report.arrived);
    report
}

/// 150 a second, five minutes of 700, and what follows.
const HOUR: &str = "0,90000\n600,210000\n900,135000\n1800,0\n";

#[test]
fn with_the_runbooks_limits_a_peak_is_accepted_in_seconds_and_stamped_in_less_than_a_minute() {
    let report = run(&[], HOUR, 1.0);
    let accept = report.accept;
    assert!(
        accept.outside.p99_s < 2.0 && accept.peak.p99_s < 2.0,
        "{accept:?}"
    );
    let stamped = report.upload_to_stamped;
    assert!(
        stamped.outside.p99_s < 60.0 && stamped.peak.p99_s < 600.0,
        "{stamped:?}"
    );
    assert!(report.promised.inside >= 90.0);
    assert!(
        report.limits.iter().all(|hit| !hit.refuses),
        "{:?}",
        report.limits
    );
}

#[test]
fn with_too_few_workers_nine_in_ten_of_who_waited_were_promised_it_to_six_tenths_of_the_wait() {
    for (workers, scale) in [
        ("StampsConcurrency=9", 1.0),
        ("StampsConcurrency=1", 0.1),
        ("StampsConcurrency=3", 0.3),
    ] {
        let report = run(&[workers], HOUR, scale);
        let waited = &report.promised_long;
        assert!(waited.documents > 1_000, "{workers}: {waited:?}");
        assert!(waited.inside >= 90.0, "{workers}: {waited:?}");
        assert!(waited.width_to_wait < 0.6, "{workers}: {waited:?}");
    }
}

/// 150 a second, a minute of 700, and what follows.
const MINUTE: &str = "0,9000\n60,42000\n120,9000\n180,0\n";

fn of_the_table(report: &Report) -> bool {
    let mut limits = report.limits.iter();
    limits.any(|hit| hit.limit.starts_with("DynamoDB"))
}

#[test]
fn ten_times_as_many_wait_with_honest_times_none_is_lost_and_the_first_limit_has_a_name() {
    let report = run(&["StampsConcurrency=20"], MINUTE, 10.0);
    let first = report.breaks_first().unwrap();
    assert!(first.limit.starts_with("API Gateway: route"), "{first:?}");
    let waited = &report.promised_long;
    assert!(
        waited.documents > 10_000 && waited.inside >= 90.0,
        "{waited:?}"
    );
}

#[test]
fn who_was_let_in_is_turned_away_by_the_table_only_with_more_workers_than_it_has_room_for() {
    assert!(!of_the_table(&run(&[], MINUTE, 10.0)));
    let more = [
        "UploadsConcurrency=600",
        "StampsConcurrency=400",
        "AnnounceRateLimit=3000",
        "OrderRateLimit=1000",
    ];
    let report = run(&more, MINUTE, 10.0);
    assert!(of_the_table(&report));
    // They come back after their message's visibility time, minutes later than they were promised.
    assert!(report.promised_long.late > 90.0, "{report:?}");
}
