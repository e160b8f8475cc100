//! Small runs: what they tell is kept in files, and what comes in goes out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use bubuh_deadline::{Arrivals, Report, Settings, json, simulate, svg, text};
use proptest::prelude::*;
use std::path::Path;

/// Ten minutes: a few, a burst, a few; and an office with 400 documents.
const TABLE: &str =
    "time,documents,account\n0,300\n120,1800\n180,900\n420,0\n150,400,office\n170,0,office\n";

fn settings(of: &[&str]) -> Settings {
    let template = Settings::of_template().unwrap();
    of.iter()
        .fold(template, |settings, text| settings.with(text).unwrap())
}

fn run(of: &[&str], table: &str) -> Report {
    let arrivals = Arrivals::parse(table).unwrap();
    simulate(&settings(of), &arrivals, 0).unwrap()
}

/// Few workers, a short link to the table, and few requests: every kind of wait.
const TIGHT: [&str; 8] = [
    "StampsConcurrency=1",
    "BulkConcurrency=1",
    "UploadsConcurrency=6",
    "WarmWriteUnits=400",
    "table_write_quota=400",
    "ApiRateLimit=60",
    "ApiBurstLimit=60",
    "stamps_held=1000",
];

fn is_golden(name: &str, told: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("BUBUH_WRITE_GOLDEN").is_some() {
        std::fs::write(&path, told).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        told == golden,
        "not as in {}; BUBUH_WRITE_GOLDEN=1 writes it anew:\n{told}",
        path.display()
    );
}

#[test]
fn a_small_run_tells_what_it_told_before() {
    let report = run(&TIGHT, TABLE);
    let runs = [report.clone(), run(&["StampsConcurrency=40"], TABLE)];
    is_golden("small.txt", &text(&runs));
    is_golden("small.json", &json(&[report]).unwrap());
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_another() {
    let of = |seed| {
        let arrivals = Arrivals::parse(TABLE).unwrap();
        simulate(&settings(&TIGHT).at(1.0, seed), &arrivals, 0).unwrap()
    };
    assert_eq!(of(4), of(4));
    assert_ne!(of(4).arrived, of(5).arrived);
}

#[test]
fn the_picture_has_a_curve_for_each_line_of_its_legend() {
    let picture = svg(&run(&TIGHT, TABLE));
    assert_eq!(picture.matches("<polyline").count(), 9);
    assert!(picture.starts_with("<svg") && picture.ends_with("</svg>\n"));
    assert!(!picture.contains("NaN") && !picture.contains("inf"));
}

#[test]
fn a_bulk_account_waits_in_its_own_lane_and_delays_nobody() {
    let people = "0,1200\n600,0\n";
    let bulk = format!("{people}60,6000,office\n90,0,office\n");
    let of = ["StampsConcurrency=12", "BulkConcurrency=1"];
    let (alone, beside) = (run(&of, people), run(&of, &bulk));
    assert!(
        beside.bulk_to_stamped.count > 5_000,
        "{}",
        beside.bulk_to_stamped.count
    );
    assert!(beside.bulk_to_stamped.p50_s > 30.0);
    let wait = |r: &Report| {
        r.upload_to_stamped
            .outside
            .p90_s
            .max(r.upload_to_stamped.peak.p90_s)
    };
    assert!(
        wait(&beside) < wait(&alone) + 6.0,
        "{} {}",
        wait(&alone),
        wait(&beside)
    );
}

#[test]
fn more_arrivals_than_workers_break_at_the_workers_and_nothing_is_lost() {
    let report = run(&["StampsConcurrency=1"], "0,18000\n120,0\n");
    assert_eq!((report.lost, report.waiting, report.given_up), (0, 0, 0));
    assert_eq!(report.stamped, report.arrived);
    assert_eq!(
        report.breaks_first().unwrap().limit,
        "mapping of stamps: StampsConcurrency"
    );
    assert!(report.promised_long.documents > 1_000);
}

#[test]
fn without_a_cache_before_it_the_public_queue_takes_the_api_away_from_everyone() {
    let of = [
        "StampsConcurrency=1",
        "ApiRateLimit=1000",
        "ApiBurstLimit=1000",
    ];
    let cached = run(&of, "0,18000\n120,0\n");
    let asked = run(&[of.as_slice(), &["cdn=0"]].concat(), "0,18000\n120,0\n");
    assert!(
        asked.turned_away > cached.turned_away + 50,
        "{} {}",
        asked.turned_away,
        cached.turned_away
    );
}

#[test]
fn who_is_always_turned_away_gives_up_and_is_counted() {
    let report = run(
        &["ApiRateLimit=5", "ApiBurstLimit=5", "client_tries=3"],
        TABLE,
    );
    assert!(report.given_up > 500, "{}", report.given_up);
    assert_eq!(report.stamped + report.given_up, report.arrived);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_comes_in_is_stamped_given_up_or_waits(
        stamps in 2_u32..30, uploads in 2_u32..30, writes in 40_u32..3_000, rate in 10_u32..300, seed in any::<u64>(),
        account in 20_u32..400, documents in 50_u32..3_000, visibility in 5_u32..60,
    ) {
        let of = [
            format!("StampsConcurrency={stamps}"),
            format!("UploadsConcurrency={uploads}"),
            format!("WarmWriteUnits={writes}"),
            format!("table_write_quota={writes}"),
            format!("ApiRateLimit={rate}"),
            format!("lambda_concurrency={account}"),
            format!("StampsVisibilitySeconds={visibility}"),
            format!("UploadsVisibilitySeconds={visibility}"),
        ];
        let of: Vec<&str> = of.iter().map(String::as_str).collect();
        let arrivals = Arrivals::parse(&format!("0,{documents}\n60,{documents}\n")).unwrap();
        let report = simulate(&settings(&of).at(1.0, seed), &arrivals, 0).unwrap();
        prop_assert_eq!(report.lost, 0);
        prop_assert_eq!(report.arrived, report.stamped + report.given_up + report.waiting);
    }
}
