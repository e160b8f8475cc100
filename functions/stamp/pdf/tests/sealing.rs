//! Time-stamped and certified stamps, and certificates over the years.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use bubuh_pdf::{
    Certification, Error, LocalSigner, Opening, Placement, Refusal, Seal, Signed, Signer, Source,
    StampRequest, TimestampAuthority, TimestampError, TimestampQuery, Trust, certificates_from_pem,
    development_identity, prepare, verify_trusting,
};
use common::{Bench, NOW_UNIX_S, SERIAL, bench, plain, preflight, request, tail};

const YEAR_S: i64 = 365 * 86_400;

fn signed(
    input: &[u8],
    request: &StampRequest,
    signer: &LocalSigner,
    seal: Seal,
) -> Result<Signed, Error> {
    let source = Source::from(input.to_vec());
    let unsigned = prepare(source, request, seal, &Opening::default())?;
    let signature = signer.sign_digest(unsigned.digest())?;
    unsigned.sign(&signature)
}

fn authority() -> TimestampAuthority {
    TimestampAuthority::development(NOW_UNIX_S - 3_600, &[3; 32]).unwrap()
}

fn with_room(bench: &Bench, room: usize) -> Seal {
    Seal {
        timestamp_room: Some(room),
        ..bench.signer.seal().clone()
    }
}

fn token(signed: &Signed, at_unix_s: i64) -> Vec<u8> {
    let query = TimestampQuery::new(signed.timestamp_imprint(), [5; 8]);
    let roots = certificates_from_pem(authority().root_pem()).unwrap();
    let answer = authority().answer(&query.to_der(), at_unix_s, 1);
    query.accept(&answer, &roots).unwrap()
}

fn trust(bench: &Bench) -> Trust {
    Trust {
        issuers: bench.roots.clone(),
        authorities: certificates_from_pem(authority().root_pem()).unwrap(),
    }
}

/// A stamp made now and time-stamped a minute later.
fn timestamped(bench: &Bench) -> Vec<u8> {
    timestamped_in(bench, 1_500)
}

fn timestamped_in(bench: &Bench, room: usize) -> Vec<u8> {
    let seal = with_room(bench, room);
    let signed = signed(&plain().table(), &request(SERIAL), &bench.signer, seal).unwrap();
    let token = token(&signed, NOW_UNIX_S + 60);
    signed.timestamped(&token).unwrap().release().unwrap().bytes
}

#[test]
fn a_trusted_time_stamp_is_the_time_that_counts_and_the_report_says_so() {
    let bench = bench();
    let output = timestamped(&bench);
    let report = verify_trusting(&output, &trust(&bench));
    assert!(report.valid, "{report:#?}");
    let stamp = &report.stamps[0];
    let time = stamp.timestamp.as_ref().unwrap();
    assert_eq!(time.at_unix_s, NOW_UNIX_S + 60);
    assert!(time.intact && time.trusted);
    assert_eq!(stamp.judged_at_unix_s, Some(NOW_UNIX_S + 60));
    assert!(
        stamp.sentence_en.contains("time is proven by"),
        "{}",
        stamp.sentence_en
    );
    // Whoever does not know the authority takes the signed time.
    let report = bench.verify(&output);
    let stamp = &report.stamps[0];
    assert!(report.valid && !stamp.timestamp.as_ref().unwrap().trusted);
    assert_eq!(stamp.judged_at_unix_s, Some(NOW_UNIX_S));
    assert!(stamp.sentence_en.contains("issuer's own word"));
}

#[test]
fn a_signed_time_cannot_make_up_for_a_certificate_that_had_ended() {
    let bench = bench();
    let seal = with_room(&bench, 1_500);
    let signed = signed(&plain().table(), &request(SERIAL), &bench.signer, seal).unwrap();
    // Signed, it says, while the certificate was current; time-stamped after that.
    let young = TimestampAuthority::development(NOW_UNIX_S + 9 * YEAR_S, &[4; 32]).unwrap();
    let query = TimestampQuery::new(signed.timestamp_imprint(), [5; 8]);
    let roots = certificates_from_pem(young.root_pem()).unwrap();
    let answer = young.answer(&query.to_der(), NOW_UNIX_S + 11 * YEAR_S, 1);
    let token = query.accept(&answer, &roots).unwrap();
    let output = signed.timestamped(&token).unwrap().release().unwrap().bytes;
    let mut trust = trust(&bench);
    trust.authorities = roots;
    let report = verify_trusting(&output, &trust);
    assert!(!report.valid && !report.stamps[0].trusted, "{report:#?}");
}

#[test]
fn a_time_stamp_that_is_missing_too_long_or_for_something_else_is_an_error() {
    let bench = bench();
    let make = |room| {
        let seal = with_room(&bench, room);
        signed(&plain().table(), &request(SERIAL), &bench.signer, seal).unwrap()
    };
    assert!(matches!(make(1_500).release(), Err(Error::Request(_))));
    let narrow = make(100);
    let long = token(&narrow, NOW_UNIX_S);
    let error = narrow.timestamped(&long).unwrap_err();
    assert_eq!(error, TimestampError::TooLong { room: 100 }.into());
    assert!(!error.retryable());
    let right = token(&make(1_500), NOW_UNIX_S);
    assert!(make(1_500).timestamped(&right).is_ok());
    let other = signed(
        &plain().table(),
        &request("OTHER"),
        &bench.signer,
        with_room(&bench, 1_500),
    );
    let error = other.unwrap().timestamped(&right).unwrap_err();
    assert_eq!(error, TimestampError::WrongImprint.into());
    assert!(make(1_500).timestamped(b"0").unwrap_err().retryable());
    let mut seal = bench.signer.seal().clone();
    seal.timestamp_room = None;
    let without = signed(&plain().table(), &request(SERIAL), &bench.signer, seal).unwrap();
    let right = token(&without, NOW_UNIX_S);
    assert!(without.timestamped(&right).is_err());
}

#[test]
fn a_changed_time_stamp_proves_no_other_time() {
    let bench = bench();
    let output = timestamped(&bench);
    let text = String::from_utf8_lossy(&output);
    let digits = text.find("/Contents<").unwrap() + 10;
    // GeneralizedTime, 15 bytes, as digits of digits.
    let time = digits + text[digits..].find("180f").unwrap();
    let trust = trust(&bench);
    for at in (time..time + 200).step_by(3) {
        let mut forged = output.clone();
        forged[at] = if forged[at] == b'1' { b'2' } else { b'1' };
        let report = verify_trusting(&forged, &trust);
        let stamp = &report.stamps[0];
        let proven = stamp.timestamp.as_ref().filter(|time| time.trusted);
        assert!(
            proven.is_none_or(|time| time.at_unix_s == NOW_UNIX_S + 60),
            "{at}"
        );
        assert!(!report.valid, "{at}: {report:#?}");
    }
}

#[test]
fn a_seal_knows_when_its_certificates_are_valid() {
    let bench = bench();
    let seal = bench.signer.seal();
    assert!(seal.is_current(NOW_UNIX_S) && seal.is_current(NOW_UNIX_S + 9 * YEAR_S));
    assert!(!seal.is_current(NOW_UNIX_S - 3_601) && !seal.is_current(NOW_UNIX_S + 11 * YEAR_S));
    assert!(!Seal::new(vec![vec![1, 2]]).is_current(NOW_UNIX_S));
}

#[test]
fn growth_stays_small() {
    let bench = bench();
    let input = plain().table();
    let grown = |output: &[u8]| output.len() - input.len();
    let approval = bench.stamp(&input).unwrap();
    let contents = |output: &[u8]| {
        let text = String::from_utf8_lossy(output);
        let at = text.rfind("/Contents<").unwrap();
        text[at..].find('>').unwrap()
    };
    // Leaf and intermediate, signature and attributes, as digits.
    assert!(contents(&approval) < 2_700, "{}", contents(&approval));
    assert!(grown(&approval) <= 6 * 1024, "{}", grown(&approval));
    let mut three = bench.signer.seal().clone();
    three.certificates.extend(bench.roots.clone());
    assert_eq!(three.certificates.len(), 3);
    let three = signed(&input, &request(SERIAL), &bench.signer, three).unwrap();
    let three = three.release().unwrap().bytes;
    assert!(grown(&three) <= 8 * 1024, "{}", grown(&three));
    assert!(bench.verify(&three).valid);
    let timestamped = timestamped(&bench);
    assert!(grown(&timestamped) < grown(&approval) + 2 * 1_600);
}

#[test]
fn the_size_that_is_offered_has_room_for_the_time_stamp() {
    let bench = bench();
    let verdict = preflight(&plain().table(), &Placement::default()).unwrap();
    let seal = bench.signer.seal();
    assert_eq!(verdict.size_after_sealing(seal), verdict.size_after);
    let spare = verdict.size_after - bench.stamp(&plain().table()).unwrap().len();
    for room in [1_500, Seal::USUAL_TIMESTAMP_ROOM, 70_000] {
        let offered = verdict.size_after_sealing(&with_room(&bench, room));
        let left = offered - timestamped_in(&bench, room).len();
        assert!(
            (spare..spare + 64).contains(&left),
            "{room}: {left} of {spare}"
        );
    }
}

#[test]
fn a_certified_document_says_what_is_still_allowed_and_may_be_stamped_again() {
    let bench = bench();
    for (certification, level) in [(Certification::Signing, 2), (Certification::Notes, 3)] {
        for input in [plain().table(), plain().stream()] {
            let seal = Seal {
                certification: Some(certification),
                ..bench.signer.seal().clone()
            };
            let certified = signed(&input, &request(SERIAL), &bench.signer, seal.clone());
            let output = certified.unwrap().release().unwrap().bytes;
            let added = tail(&input, &output);
            assert!(added.contains("/Perms <</DocMDP "), "{added}");
            assert!(added.contains(&format!("/P {level}/V/1.2")));
            assert!(bench.verify(&output).valid);
            let twice = common::stamp(&output, &request("SECOND"), &bench.signer).unwrap();
            assert!(bench.verify(&twice).valid);
            let again = signed(&output, &request("THIRD"), &bench.signer, seal).unwrap_err();
            assert_eq!(again, Error::Refused(Refusal::SignedBefore));
        }
    }
}

#[test]
fn permissions_that_are_there_are_kept() {
    let bench = bench();
    for perms in ["<</UR3 3 0 R>>", "4 0 R"] {
        let source = common::Source::new(&[
            &format!("<</Type/Catalog/Pages 2 0 R/Perms {perms}>>"),
            "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 400 400]>>",
            "<</Type/Page/Parent 2 0 R>>",
            "<</UR3 3 0 R>>",
        ]);
        let seal = Seal {
            certification: Some(Certification::Signing),
            ..bench.signer.seal().clone()
        };
        let input = source.table();
        let certified = signed(&input, &request(SERIAL), &bench.signer, seal).unwrap();
        let added = tail(&input, &certified.release().unwrap().bytes);
        assert!(added.contains("<</UR3 3 0 R\n/DocMDP "), "{added}");
    }
}

#[test]
fn stamps_of_three_generations_of_keys_and_roots_stand_side_by_side() {
    let generations: Vec<_> = (0..3_u8)
        .map(|age| {
            let from = NOW_UNIX_S - 3_600 + i64::from(age) * 11 * YEAR_S;
            let identity = development_identity(from, &[age; 32]).unwrap();
            (from + 7_200, identity)
        })
        .collect();
    let mut file = plain().table();
    let mut roots = Vec::new();
    for (age, (at, identity)) in generations.iter().enumerate() {
        let signer = LocalSigner::from_pem(&identity.key_pem, &identity.chain_pem).unwrap();
        let mut request = request(&format!("AGE{age}"));
        request.affixed_at_unix_s = *at;
        file = common::stamp(&file, &request, &signer).unwrap();
        roots.extend(certificates_from_pem(&identity.root_pem).unwrap());
    }
    let report = bubuh_pdf::verify(&file, &roots);
    assert!(report.valid && report.stamps.len() == 3, "{report:#?}");
    // A root that cannot be read takes nothing from the others.
    roots.insert(0, vec![1, 2, 3]);
    assert!(bubuh_pdf::verify(&file, &roots).valid);
    // Each generation answers for its own.
    let only_last = bubuh_pdf::verify(&file, &roots[3..]);
    let trusted: Vec<bool> = only_last.stamps.iter().map(|stamp| stamp.trusted).collect();
    assert_eq!(trusted, [false, false, true]);
    // A key that stamps outside its time is not believed.
    let (_, first) = &generations[0];
    let signer = LocalSigner::from_pem(&first.key_pem, &first.chain_pem).unwrap();
    let mut late = request("LATE");
    late.affixed_at_unix_s = generations[2].0;
    let file = common::stamp(&file, &late, &signer).unwrap();
    assert!(!bubuh_pdf::verify(&file, &roots).stamps[3].trusted);
}
