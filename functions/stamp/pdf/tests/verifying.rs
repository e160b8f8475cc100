//! What verification and the gate accept, and what they catch.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use bubuh_pdf::{
    After, Expectation, GateError, certificates_from_pem, development_identity, gate, verify,
};
use common::{NOW_UNIX_S, SERIAL, bench, plain, request, stamp};
use sha2::{Digest, Sha256};

fn expectation(input: &[u8]) -> Expectation {
    Expectation {
        source_len: input.len(),
        source_sha256: Sha256::digest(input).into(),
        serial: SERIAL.into(),
        pages: 1,
    }
}

#[test]
fn a_fresh_stamp_proves_what_was_asked_for() {
    let bench = bench();
    let input = plain().table();
    let output = bench.stamp(&input).unwrap();
    let report = bench.verify(&output);
    assert!(
        report.valid && report.readable && report.problem.is_none(),
        "{report:#?}"
    );
    let stamp = &report.stamps[0];
    assert_eq!((stamp.serial.as_str(), stamp.kind.as_str()), (SERIAL, "3"));
    assert_eq!(stamp.affixed_at_unix_s, Some(NOW_UNIX_S));
    assert!(stamp.covers_whole_file && stamp.trusted && stamp.after == After::Nothing);
    assert_eq!((stamp.revision, report.revisions), (2, 2));
    assert!(
        stamp
            .signer
            .as_ref()
            .unwrap()
            .contains("Bubuh development stamp")
    );
    let gated = gate(&output.to_vec().into(), &expectation(&input)).unwrap();
    assert_eq!(
        (gated.affixed_at_unix_s, gated.kind_code()),
        (NOW_UNIX_S, "3")
    );
    assert_eq!(gated.sha256, <[u8; 32]>::from(Sha256::digest(&output)));
}

/// Positions worth trying: all but those in the long runs of compressed data and of digits, where samples will do.
fn positions(output: &[u8], source_bytes: usize) -> Vec<usize> {
    let after = |word: &[u8]| {
        let found = output[source_bytes..]
            .windows(word.len())
            .position(|window| window == word);
        source_bytes + found.unwrap() + word.len()
    };
    let data = after(b"/FlateDecode") + 40..after(b"\nendstream");
    let digits = after(b"/Contents<") + 80..after(b">/M(") - 80;
    let step = |at: usize| match at {
        at if data.contains(&at) => 64,
        at if digits.contains(&at) => 8,
        _ => 1,
    };
    (0..output.len()).filter(|at| at % step(*at) < 2).collect()
}

#[test]
fn changing_any_single_byte_is_caught() {
    let bench = bench();
    for (parity, input) in [plain().table(), plain().stream()].into_iter().enumerate() {
        let output = bench.stamp(&input).unwrap();
        let contents = output
            .windows(10)
            .rposition(|window| window == b"/Contents<")
            .unwrap();
        let positions = positions(&output, input.len());
        let survives = |at: usize, flip: u8| {
            let mut forged = output.clone();
            forged[at] ^= flip;
            verify(&forged, &bench.roots).valid
        };
        let try_half = |half: usize| {
            for at in positions
                .iter()
                .copied()
                .filter(|at| at / 2 % 2 == half && at % 2 == parity)
            {
                assert!(!survives(at, 0x01), "byte {at} of {}", output.len());
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(|| try_half(0));
            try_half(1);
        });
        // The same digit in the other case: no digest sees it.
        let letter = (contents + 10..)
            .find(|at| output[*at].is_ascii_alphabetic())
            .unwrap();
        assert!(!survives(letter, 0x20));
    }
}

#[test]
fn additions_and_truncation_are_caught() {
    let bench = bench();
    let input = plain().table();
    let output = bench.stamp(&input).unwrap();
    for extra in [b"\n".as_slice(), b"% more", &output[input.len()..]] {
        let report = bench.verify(&[&output, extra].concat());
        assert!(!report.valid, "{extra:?}");
    }
    let report = bench.verify(&[&output, b"\n".as_slice()].concat());
    assert!(report.stamps[0].after == After::Changed && report.stamps[0].digest_ok);
    assert!(
        report.stamps[0]
            .sentence_id
            .contains("ditambah atau diubah")
    );
    assert!(!bench.verify(&output[..output.len() - 1]).valid);
    assert_eq!(bench.verify(&input).problem.as_deref(), Some("no_stamp"));
    assert!(!bench.verify(&input).valid);
}

#[test]
fn a_change_between_two_stamps_spoils_the_first() {
    let bench = bench();
    let once = bench.stamp(&plain().table()).unwrap();
    let changed = [once.as_slice(), b"% a remark\n"].concat();
    let twice = stamp(&changed, &request("SECOND"), &bench.signer).unwrap();
    let report = bench.verify(&twice);
    assert!(!report.valid);
    assert!(report.stamps[0].after == After::Changed && !report.stamps[0].valid);
    assert!(report.stamps[1].valid);
}

#[test]
fn an_unknown_issuer_or_no_root_at_all_is_not_trusted() {
    let bench = bench();
    let output = bench.stamp(&plain().table()).unwrap();
    let other = development_identity(NOW_UNIX_S - 3_600, &[1; 32]).unwrap();
    for roots in [
        certificates_from_pem(&other.root_pem).unwrap(),
        Vec::new(),
        vec![vec![1, 2, 3]],
    ] {
        let report = verify(&output, &roots);
        assert!(!report.valid && report.stamps[0].signature_ok && !report.stamps[0].trusted);
        assert!(report.stamps[0].sentence_en.contains("issuer is unknown"));
    }
}

#[test]
fn a_time_before_the_certificate_is_not_trusted() {
    let bench = bench();
    let mut early = request(SERIAL);
    early.affixed_at_unix_s = NOW_UNIX_S - 7_200;
    let output = stamp(&plain().table(), &early, &bench.signer).unwrap();
    assert!(!bench.verify(&output).stamps[0].trusted);
}

/// Moves the signed bytes apart and puts another document between them: every signed byte is still there and the
/// signature still fits, but what a reader opens is the forger's.
fn wrapped(output: &[u8]) -> Vec<u8> {
    // One character a byte, so that positions are offsets.
    let text: String = output
        .iter()
        .map(|byte| {
            if byte.is_ascii() {
                char::from(*byte)
            } else {
                '.'
            }
        })
        .collect();
    let before = text.rfind("/Contents<").unwrap() + 9;
    let gap_end = before + text[before..].find('>').unwrap() + 1;
    let start: usize = text[text.rfind("startxref").unwrap() + 10..]
        .lines()
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let note = &text[text.rfind("/BUBH_Stamp").unwrap()..];
    let note = &note[..note.find(">>").unwrap() + 2];
    let suffix = &output[gap_end..];
    let between = |offsets: [usize; 3], end: usize| {
        let [one, two, three] = offsets.map(|offset| format!("{offset:010} 00000 n \n"));
        let section = format!(
            "xref\n1 1\n{one}50 2\n{two}{three}trailer\n<</Size 60/Root 1 0 R/Prev 0000000000>>\n"
        );
        let range = format!("0 {before} {end:010} {}", suffix.len());
        let date = &text[text.rfind("/M(").unwrap()..][..27];
        let objects = [
            "1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[50 0 R]>>>>\nendobj\n"
                .to_owned(),
            "50 0 obj\n<</FT/Sig/T(x)/V 51 0 R>>\nendobj\n".to_owned(),
            format!(
                "51 0 obj\n<</SubFilter/ETSI.CAdES.detached/ByteRange[{range}]/Contents{}{date}{note}>>\nendobj\n",
                &text[before..gap_end]
            ),
        ];
        (section, objects)
    };
    let source_start = text
        .find("startxref")
        .map(|at| text[at + 10..].lines().next().unwrap().to_owned())
        .unwrap();
    let assemble = |offsets, end| {
        let (section, objects) = between(offsets, end);
        let section = section.replace("/Prev 0000000000", &format!("/Prev {source_start:>010}"));
        let mut out = output[..gap_end].to_vec();
        out.resize(start, b' ');
        out.extend(section.bytes());
        let mut at = Vec::new();
        for object in objects {
            at.push(out.len());
            out.extend(object.bytes());
        }
        (out, <[usize; 3]>::try_from(at).unwrap())
    };
    let (draft, offsets) = assemble([0; 3], 0);
    let (mut out, _) = assemble(offsets, draft.len());
    assert_eq!(out.len(), draft.len());
    out.extend(suffix);
    out
}

#[test]
fn another_document_between_the_signed_bytes_is_caught() {
    let bench = bench();
    let output = bench.stamp(&plain().table()).unwrap();
    let report = bench.verify(&wrapped(&output));
    let stamp = &report.stamps[0];
    assert!(
        stamp.digest_ok && stamp.signature_ok && stamp.source_ok && stamp.trusted,
        "the forgery is no good"
    );
    assert!(!stamp.range_ok && !stamp.valid && !report.valid);
}

#[test]
fn unreadable_files_are_reported_not_guessed_at() {
    let report = bench().verify(b"hello");
    assert!(!report.readable && !report.valid);
    assert_eq!(report.problem.as_deref(), Some("not_pdf"));
}

#[test]
fn the_gate_holds_back_what_is_not_this_document_with_this_serial() {
    let bench = bench();
    let input = plain().table();
    let output = bench.stamp(&input).unwrap();
    let fails = |output: &[u8], change: &dyn Fn(&mut Expectation)| {
        let mut expect = expectation(&input);
        change(&mut expect);
        gate(&output.to_vec().into(), &expect).unwrap_err()
    };
    assert_eq!(
        fails(&output, &|expect| expect.serial = "OTHER".into()),
        GateError::SerialMissing
    );
    assert_eq!(
        fails(&output, &|expect| expect.pages = 2),
        GateError::PagesChanged
    );
    assert_eq!(
        fails(&output, &|expect| expect.source_sha256 = [0; 32]),
        GateError::SourceChanged
    );
    assert_eq!(
        fails(&output, &|expect| expect.source_len -= 1),
        GateError::SourceChanged
    );
    assert_eq!(
        fails(&output, &|expect| expect.source_len = usize::MAX),
        GateError::SourceChanged
    );
    assert_eq!(fails(&input, &|_| ()), GateError::SourceChanged);
    let more = [&output, b"\n".as_slice()].concat();
    assert_eq!(fails(&more, &|_| ()), GateError::NotWhole);
    // A second stamp on top: the first serial no longer covers the whole file.
    let twice = stamp(&output, &request("SECOND"), &bench.signer).unwrap();
    assert_eq!(fails(&twice, &|_| ()), GateError::NotWhole);
    let at = output
        .windows(10)
        .rposition(|window| window == b"/Contents<")
        .unwrap()
        + 40;
    let mut forged = output.clone();
    forged[at] = if forged[at] == b'0' { b'1' } else { b'0' };
    assert_eq!(fails(&forged, &|_| ()), GateError::BadSignature);
}
