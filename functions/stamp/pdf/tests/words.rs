//! What people read, in both languages, kept whole so that a change of words is seen.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use bubuh_pdf::{
    Opening, Report, Seal, Signer, Source, TimestampAuthority, TimestampQuery, Trust,
    certificates_from_pem, prepare, verify, verify_trusting,
};
use common::{NOW_UNIX_S, SERIAL, append_signed, bench, plain, request, stamp};
use std::fmt::Write;
use std::path::Path;

fn told(out: &mut String, case: &str, report: &Report) {
    writeln!(
        out,
        "# {case}\n{}\n{}",
        report.summary_id, report.summary_en
    )
    .unwrap();
    for stamp in &report.stamps {
        writeln!(out, "- {}\n  {}", stamp.sentence_id, stamp.sentence_en).unwrap();
    }
    for other in &report.other_signatures {
        writeln!(out, "- {}\n  {}", other.sentence_id, other.sentence_en).unwrap();
    }
    out.push('\n');
}

/// A time-stamped stamp, and whom to trust for it.
fn timestamped() -> (Vec<u8>, Trust) {
    let bench = bench();
    let authority = TimestampAuthority::development(NOW_UNIX_S - 60, &[3; 32]).unwrap();
    let roots = certificates_from_pem(authority.root_pem()).unwrap();
    let seal = Seal {
        timestamp_room: Some(1_500),
        ..bench.signer.seal().clone()
    };
    let source = Source::from(plain().table());
    let unsigned = prepare(source, &request(SERIAL), seal, &Opening::default()).unwrap();
    let signature = bench.signer.sign_digest(unsigned.digest()).unwrap();
    let signed = unsigned.sign(&signature).unwrap();
    let query = TimestampQuery::new(signed.timestamp_imprint(), [5; 8]);
    let answer = authority.answer(&query.to_der(), NOW_UNIX_S + 60, 1);
    let token = query.accept(&answer, &roots).unwrap();
    let file = signed.timestamped(&token).unwrap().release().unwrap().bytes;
    let trust = Trust {
        issuers: bench.roots,
        authorities: roots,
    };
    (file, trust)
}

/// A signature of somebody else behind a stamp.
fn signed_by_others(file: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(file);
    let fields = text.rfind("<</Fields[").unwrap();
    let head = text[..fields].trim_end().rsplit('\n').next().unwrap();
    let number: u32 = head.split(' ').next().unwrap().parse().unwrap();
    let form = &text[fields..fields + text[fields..].find("\nendobj").unwrap()];
    let form = form.replacen(']', " 50 0 R]", 1);
    let field = "<</FT/Sig/T(Other)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/V 51 0 R>>";
    append_signed(file, &[(number, &form), (50, field)], "")
}

#[test]
fn verdicts_read_as_they_were_written_down() {
    let bench = bench();
    let input = plain().table();
    let once = bench.stamp(&input).unwrap();
    let twice = stamp(&once, &request("SECOND"), &bench.signer).unwrap();
    let mut altered = once.clone();
    altered[input.len() + 20] ^= 1;
    let contents = once.windows(4).rposition(|at| at == b">/M(").unwrap();
    let mut forged = once.clone();
    forged[contents - 1] = if forged[contents - 1] == b'0' {
        b'1'
    } else {
        b'0'
    };
    let (with_time, trust) = timestamped();
    let mut out = String::new();
    let mut tell = |case: &str, report: &Report| told(&mut out, case, report);
    tell("one stamp", &bench.verify(&once));
    tell("two stamps", &bench.verify(&twice));
    tell("no stamp", &bench.verify(&input));
    tell("no PDF", &bench.verify(b"hello"));
    tell("an unknown issuer", &verify(&once, &[]));
    tell("a changed byte", &bench.verify(&altered));
    tell("a changed signature", &bench.verify(&forged));
    tell(
        "bytes added",
        &bench.verify(&[&once, b"\n".as_slice()].concat()),
    );
    tell("signed by others", &bench.verify(&signed_by_others(&once)));
    let mut spoilt = signed_by_others(&once);
    let word = b"/DocTimeStamp";
    let at = spoilt.windows(word.len()).rposition(|at| at == word);
    spoilt[at.unwrap() + 1] = b'd';
    tell("a spoilt signature of others", &bench.verify(&spoilt));
    tell("a time-stamp", &verify_trusting(&with_time, &trust));
    tell(
        "a time-stamp of an unknown authority",
        &bench.verify(&with_time),
    );
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/verdicts.txt");
    if std::env::var_os("BUBUH_WRITE_GOLDEN").is_some() {
        std::fs::write(&golden, &out).unwrap();
    }
    let expected = std::fs::read_to_string(&golden).unwrap();
    assert_eq!(out, expected, "BUBUH_WRITE_GOLDEN=1 writes it anew");
}
