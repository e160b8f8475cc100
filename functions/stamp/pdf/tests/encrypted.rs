//! Documents encrypted by other software: opened, stamped in their own encryption, and read back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use bubuh_pdf::{Opening, Placement, Trust, verify_within};
use common::{SERIAL, bench, plain, preflight, preflight_opened};
use std::path::PathBuf;

const USER: &str = "rahasia";
const OWNER: &str = "pemilik";

fn files(kind: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/encrypted");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "pdf"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(path).unwrap())
        })
        .filter(|(name, _)| name.contains(kind))
        .collect();
    files.sort();
    assert_eq!(files.len(), 12, "{kind}");
    files
}

/// One page with 500 short strings inside an object stream: each is longer when it stands alone, encrypted.
fn many_strings() -> (String, Vec<u8>) {
    let name = "many-strings.pdf";
    let input = std::fs::read(
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("tests/encrypted")
            .join(name),
    );
    (name.into(), input.unwrap())
}

fn verdict(input: &[u8], password: Option<&str>) -> &'static str {
    let opening = Opening {
        password: password.map(str::to_owned),
        ..Opening::default()
    };
    preflight_opened(input, &opening).map_or_else(|refusal| refusal.code(), |_| "stampable")
}

#[test]
fn a_file_that_opens_for_everybody_needs_no_password_to_be_stamped_or_verified() {
    let bench = bench();
    for (name, input) in files("open") {
        let output = bench
            .stamp(&input)
            .unwrap_or_else(|why| panic!("{name}: {why}"));
        assert!(output.starts_with(&input), "{name}");
        let report = bench.verify(&output);
        assert!(report.valid, "{name}: {report:?}");
        assert_eq!(report.stamps[0].serial, SERIAL, "{name}");
    }
}

#[test]
fn a_locked_file_opens_with_the_password_of_its_user_or_its_owner_and_no_other() {
    let bench = bench();
    for (name, input) in files("locked") {
        assert_eq!(verdict(&input, None), "needs_password", "{name}");
        for wrong in ["", "rahasiaa"] {
            assert_eq!(verdict(&input, Some(wrong)), "wrong_password", "{name}");
        }
        for password in [USER, OWNER] {
            let opening = Opening::with_password(password);
            let output = bench.stamp_opened(&input, SERIAL, &opening);
            let output = output.unwrap_or_else(|why| panic!("{name} by {password}: {why}"));
            let trust = Trust {
                issuers: bench.roots.clone(),
                ..Trust::default()
            };
            let report = verify_within(&output, &trust, &opening);
            assert!(report.valid, "{name}: {report:?}");
            let closed = bench.verify(&output);
            assert_eq!(closed.problem.as_deref(), Some("needs_password"), "{name}");
        }
    }
}

#[test]
fn the_owner_of_an_open_file_may_say_so() {
    for (name, input) in files("open") {
        assert_eq!(verdict(&input, Some(OWNER)), "stampable", "{name}");
        assert_eq!(verdict(&input, Some("x")), "wrong_password", "{name}");
    }
}

#[test]
fn the_same_password_gives_the_same_bytes_and_nothing_is_left_in_the_clear() {
    let bench = bench();
    for (name, input) in files("locked") {
        let opening = Opening::with_password(USER);
        let once = || bench.stamp_opened(&input, SERIAL, &opening).unwrap();
        let output = once();
        assert_eq!(output, once(), "{name}");
        let tail = String::from_utf8_lossy(&output[input.len()..]).into_owned();
        let in_digits = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect();
        for clear in [SERIAL, "Pembubuhan", "catatan", "Helv"] {
            let digits: String = in_digits(clear);
            assert!(
                !tail.contains(clear) && !tail.contains(&digits),
                "{name}: {clear}"
            );
        }
    }
}

#[test]
fn a_second_stamp_sees_the_first_and_both_stay_valid() {
    let bench = bench();
    for (name, input) in files("open") {
        let first = bench.stamp(&input).unwrap();
        let again = bench.stamp(&first).unwrap_err().to_string();
        assert!(again.contains("already carries"), "{name}: {again}");
        let opening = Opening::default();
        let second = bench.stamp_opened(&first, "SECOND", &opening).unwrap();
        let report = bench.verify(&second);
        assert_eq!(
            (report.valid, report.stamps.len()),
            (true, 2),
            "{name}: {report:?}"
        );
    }
}

#[test]
fn the_promised_size_holds_for_encrypted_files_too() {
    let bench = bench();
    for (name, input) in files("open").into_iter().chain([many_strings()]) {
        let promised = preflight(&input, &Placement::default()).unwrap().size_after;
        let output = bench.stamp(&input).unwrap();
        assert!(
            output.len() <= promised,
            "{name}: {} > {promised}",
            output.len()
        );
    }
}

#[test]
fn encryption_for_holders_of_certificates_or_of_another_make_is_told_apart() {
    let with = |dict: &str| plain().trailer(&format!("/Encrypt<<{dict}>>")).table();
    for dict in [
        "/Filter/Adobe.PubSec/V 4/SubFilter/adbe.pkcs7.s5",
        "/Filter/Standard/V 3/R 3",
        "/Filter/Standard/V 1/R 2/O(short)/U(short)/P -4",
        "",
    ] {
        assert_eq!(verdict(&with(dict), None), "unknown_encryption", "{dict}");
    }
    let no_password_fits = format!(
        "/Filter/Standard/V 1/R 2/P -4/O<{0}>/U<{0}>",
        "00".repeat(32)
    );
    assert_eq!(verdict(&with(&no_password_fits), None), "needs_password");
}
