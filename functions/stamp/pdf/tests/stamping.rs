//! What a stamp changes, and what it leaves alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use bubuh_pdf::{Error, PageChoice, Placement, Rect, Refusal, Seal, Signer};
use common::{
    Bench, SERIAL, Source, bench, object, page_with, plain, preflight, request, stamp, tail, widget,
};

#[test]
fn the_same_request_gives_the_same_bytes() {
    let bench = bench();
    for input in [plain().table(), plain().stream()] {
        let output = bench.stamp(&input).unwrap();
        assert_eq!(output, bench.stamp(&input).unwrap());
        assert_ne!(
            output,
            stamp(&input, &request("OTHER"), &bench.signer).unwrap()
        );
    }
}

#[test]
fn the_new_section_has_the_form_of_the_newest_one() {
    let bench = bench();
    let table = plain().table();
    let output = bench.stamp(&table).unwrap();
    let added = tail(&table, &output);
    assert!(
        added.contains("\nxref\n") && !added.contains("/XRef"),
        "{added}"
    );
    let start = String::from_utf8_lossy(&table).rfind("xref\n0 ").unwrap();
    assert!(added.contains(&format!("/Prev {start}/")), "{added}");
    let stream = plain().stream();
    let output = bench.stamp(&stream).unwrap();
    let added = tail(&stream, &output);
    assert!(
        added.contains("/Type/XRef") && !added.contains("\nxref\n"),
        "{added}"
    );
    let again = stamp(&output, &request("SECOND"), &bench.signer).unwrap();
    assert!(tail(&output, &again).contains("/Type/XRef"));
}

#[test]
fn numbers_of_the_page_keep_their_digits_and_the_trailer_its_keys() {
    let source = plain().trailer("/Info 3 0 R/ID[<0102><0304>]");
    let input = source.table();
    let output = bench().stamp(&input).unwrap();
    let added = tail(&input, &output);
    assert!(
        object(&added, 3)
            .unwrap()
            .contains("[0 0 595.27559055 841.88976378]")
    );
    assert!(added.contains("/Info 3 0 R"));
    assert!(added.contains("/ID[<0102><") && !added.contains("<0304>"));
}

#[test]
fn the_same_serial_is_refused_twice_and_another_one_is_not() {
    let bench = bench();
    let once = bench.stamp(&plain().table()).unwrap();
    let refusal = bench.stamp(&once).unwrap_err();
    assert_eq!(
        refusal,
        Error::Refused(Refusal::AlreadyStamped {
            serial: SERIAL.into()
        })
    );
    let twice = stamp(&once, &request("SECOND"), &bench.signer).unwrap();
    assert!(twice.starts_with(&once));
    assert_eq!(
        preflight(&twice, &Placement::default()).unwrap().stamps,
        [SERIAL, "SECOND"]
    );
    let report = bench.verify(&twice);
    assert!(report.valid, "{report:#?}");
    assert_eq!(report.stamps.len(), 2);
    assert!(!report.stamps[0].covers_whole_file && report.stamps[1].covers_whole_file);
}

#[test]
fn a_wrong_pin_or_request_is_an_error_and_no_stamp() {
    let bench = bench();
    let input = plain().table();
    let attempt = |change: &dyn Fn(&mut bubuh_pdf::StampRequest)| {
        let mut request = request(SERIAL);
        change(&mut request);
        stamp(&input, &request, &bench.signer)
    };
    assert!(matches!(
        attempt(&|request| request.source_sha256 = Some([0; 32])),
        Err(Error::Request(_))
    ));
    let pin = preflight(&input, &Placement::default()).unwrap().sha256;
    assert!(attempt(&|request| request.source_sha256 = Some(pin)).is_ok());
    for serial in ["", "a b", "é", &"x".repeat(65)] {
        assert!(
            matches!(
                attempt(&|request| request.serial = serial.into()),
                Err(Error::Request(_))
            ),
            "{serial}"
        );
    }
    assert!(attempt(&|request| request.serial = "~".repeat(64)).is_ok());
    assert!(attempt(&|request| request.serial = "(\\".repeat(32)).is_ok());
    for url in [
        "javascript:alert(1)",
        "https://a b",
        &format!("https://{}", "x".repeat(200)),
    ] {
        assert!(
            matches!(
                attempt(&|request| request.verify_url = url.into()),
                Err(Error::Request(_))
            ),
            "{url}"
        );
    }
    assert!(matches!(
        attempt(&|request| request.affixed_at_unix_s = i64::MAX),
        Err(Error::Request(_))
    ));
}

#[test]
fn an_address_and_serial_of_full_length_stay_within_the_promised_size() {
    let bench = bench();
    for input in [plain().table(), plain().stream()] {
        let mut request = request(&"Wq7&".repeat(16));
        let path: String = ('!'..='~').chain('!'..='~').collect();
        request.verify_url = format!("https://{path}").chars().take(200).collect();
        let promised = preflight(&input, &request.placement)
            .unwrap()
            .size_after_at_most;
        let output = stamp(&input, &request, &bench.signer).unwrap();
        assert!(output.len() <= promised, "{} > {promised}", output.len());
    }
}

#[test]
fn an_ordinary_stamp_is_small_and_as_large_as_promised() {
    let bench = bench();
    let chain: usize = bench.signer.seal().certificates.iter().map(Vec::len).sum();
    for input in [
        plain().table(),
        plain().stream(),
        page_with("/MediaBox[0 0 500 500]/Rotate 270/Annots[]").stream(),
    ] {
        let mut request = request("8Z4Y6W2X9Q3M7K5R");
        request.verify_url = "HTTPS://METERAI.BUBUH.EXAMPLE.ID/V/8Z4Y6W2X9Q3M7K5R".into();
        let promised = preflight(&input, &request.placement).unwrap().size_after;
        let output = stamp(&input, &request, &bench.signer).unwrap();
        let spare = promised
            .checked_sub(output.len())
            .expect("no larger than promised");
        let chain_spare = 2 * (bubuh_pdf::Preflight::ORDINARY_CHAIN_BYTES - chain);
        let spare = spare.checked_sub(chain_spare).expect("room for the chain");
        assert!(spare <= 1_024, "{spare} bytes promised in vain");
        // With leaf and intermediate of 450 bytes each.
        let added = output.len() - input.len() + 2 * 900 - 2 * chain;
        assert!(added <= 6 * 1024, "{added}");
    }
}

#[test]
fn the_longest_lower_case_address_that_is_ordinary_stays_within_the_promised_size() {
    let bench = bench();
    let input = plain().table();
    let mut request = request("ghjkmnpqrstvwxyz");
    request.verify_url = format!("https://{}/v/x", "meterai.example.id".repeat(3))
        .chars()
        .take(64)
        .collect();
    let promised = preflight(&input, &request.placement).unwrap().size_after;
    let output = stamp(&input, &request, &bench.signer).unwrap();
    assert!(output.len() <= promised, "{} > {promised}", output.len());
}

#[test]
fn an_issuers_picture_is_shown_instead_of_the_drawing() {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 64, 128);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let data = [200, 0, 100, 128].repeat(64 * 128);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&data).unwrap();
    drop(writer);
    let bench = bench();
    let input = plain().table();
    let mut request = request(SERIAL);
    request.picture = Some(bubuh_pdf::Picture::read(&file).unwrap());
    let output = stamp(&input, &request, &bench.signer).unwrap();
    assert!(bench.verify(&output).valid);
    let added = tail(&input, &output);
    assert!(
        added.contains("/Subtype/Image/Width 64/Height 128/BitsPerComponent 8/ColorSpace[/CalRGB")
    );
    assert!(added.contains("/Resources<</XObject<</P ") && !added.contains("/SMask"));
    assert_eq!(output, stamp(&input, &request, &bench.signer).unwrap());
}

#[test]
fn a_signer_that_fails_is_worth_a_retry_and_one_that_lies_is_caught() {
    struct Other(Bench, Result<Vec<u8>, Error>);
    impl Signer for Other {
        fn seal(&self) -> &Seal {
            self.0.signer.seal()
        }
        fn sign_digest(&self, _: [u8; 32]) -> Result<Vec<u8>, Error> {
            self.1.clone()
        }
    }
    let input = plain().table();
    let attempt = |answer| stamp(&input, &request(SERIAL), &Other(bench(), answer)).unwrap_err();
    assert!(attempt(Err(Error::Signer("busy".into()))).retryable());
    assert!(matches!(attempt(Ok(vec![0; 200])), Error::Signer(_)));
    let elsewhere = bench().signer.sign_digest([1; 32]).unwrap();
    assert!(matches!(attempt(Ok(elsewhere)), Error::Signer(_)));
}

#[test]
fn a_page_that_is_turned_moved_scaled_or_inherits_its_box_shows_the_stamp_at_the_bottom_right() {
    // Rotation, inherited box off the origin with a CropBox, UserUnit: (source, expected Rect, matrix).
    let inherited = Source::new(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox 4 0 R/Rotate 90>>",
        "<</Type/Page/Parent 2 0 R/CropBox[-90 110 310 510]>>",
        "[310 510 -100 100]",
    ]);
    let scaled = page_with("/MediaBox[0 0 300 300]/UserUnit 2");
    for (source, rect, matrix) in [
        (plain(), "[496.9134 36.0000 559.2756 98.3622]", ""),
        (
            inherited,
            "[211.6378 411.6378 274.0000 474.0000]",
            "/Matrix[0 1 -1 0 0 0]",
        ),
        (scaled, "[250.8189 18.0000 282.0000 49.1811]", ""),
    ] {
        for input in [source.table(), source.stream()] {
            let output = bench().stamp(&input).unwrap();
            let added = tail(&input, &output);
            assert!(
                widget(&added).contains(&format!("/Rect{rect}")),
                "{} is not {rect}",
                widget(&added)
            );
            assert!(added.contains(matrix));
            let turned = added.contains("BBox[0 0 1000 1000]/Matrix");
            assert_eq!(turned, !matrix.is_empty());
        }
    }
}

#[test]
fn the_wanted_page_carries_the_stamp() {
    let source = Source::new(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R 6 0 R]/Count 3/MediaBox[0 0 400 400]>>",
        "<</Type/Pages/Parent 2 0 R/Kids[4 0 R 5 0 R]/Count 2>>",
        "<</Type/Page/Parent 3 0 R>>",
        "<</Type/Page/Parent 3 0 R>>",
        "<</Type/Page/Parent 2 0 R>>",
    ]);
    let input = source.table();
    for (page, number, object) in [
        (PageChoice::Last, 3, 6),
        (PageChoice::Number(1), 1, 4),
        (PageChoice::Number(2), 2, 5),
        (PageChoice::Number(-7), 1, 4),
        (PageChoice::Number(99), 3, 6),
    ] {
        let mut request = request(SERIAL);
        request.placement = Placement {
            page,
            rect: Some(Rect {
                llx: 90.0,
                lly: 150.0,
                urx: 10.0,
                ury: 50.0,
            }),
            ..Placement::default()
        };
        let verdict = preflight(&input, &request.placement).unwrap();
        assert_eq!((verdict.page, verdict.pages), (number, 3));
        let output = stamp(&input, &request, &bench().signer).unwrap();
        let added = tail(&input, &output);
        assert!(widget(&added).contains(&format!("/P {object} 0 R")));
        assert!(
            widget(&added).contains("/Rect[10.0000 60.0000 90.0000 140.0000]"),
            "{}",
            widget(&added)
        );
    }
}
