//! Time-stamps: what is asked, which answers are taken, and which are not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use bubuh_pdf::{
    Rejection, TimestampAuthority, TimestampError, TimestampQuery, certificates_from_pem,
    development_identity,
};
use common::NOW_UNIX_S;

const IMPRINT: [u8; 32] = [7; 32];
const NONCE: [u8; 8] = [0xee; 8];

fn authority() -> TimestampAuthority {
    TimestampAuthority::development(NOW_UNIX_S - 3_600, &[3; 32]).unwrap()
}

fn roots() -> Vec<Vec<u8>> {
    certificates_from_pem(authority().root_pem()).unwrap()
}

fn query() -> TimestampQuery {
    TimestampQuery::new(IMPRINT, NONCE)
}

fn answer(query: &TimestampQuery) -> Vec<u8> {
    authority().answer(&query.to_der(), NOW_UNIX_S, 1)
}

#[test]
fn an_answer_to_just_this_question_by_a_trusted_authority_is_taken() {
    let response = answer(&query());
    let token = query().accept(&response, &roots()).unwrap();
    assert!(
        response.ends_with(&token) && token.len() < 1_500,
        "{}",
        token.len()
    );
    let under = query().under("1.2.3.4.1").unwrap();
    assert!(under.accept(&answer(&under), &roots()).is_ok());
    assert!(query().under("two").is_err());
}

#[test]
fn answers_to_other_questions_are_not() {
    let refused = |asked: &TimestampQuery, answered: &TimestampQuery| {
        asked.accept(&answer(answered), &roots()).unwrap_err()
    };
    let other = TimestampQuery::new([8; 32], NONCE);
    assert_eq!(refused(&query(), &other), TimestampError::WrongImprint);
    let older = TimestampQuery::new(IMPRINT, [1; 8]);
    assert_eq!(refused(&query(), &older), TimestampError::WrongNonce);
    let under = query().under("1.2.3.4.2").unwrap();
    assert_eq!(refused(&under, &query()), TimestampError::WrongPolicy);
    for error in [TimestampError::WrongImprint, TimestampError::WrongNonce] {
        assert!(error.retryable());
    }
}

#[test]
fn an_unknown_authority_or_one_past_its_time_is_not_trusted() {
    let response = answer(&query());
    for roots in [Vec::new(), vec![vec![1, 2]], {
        let stamps = development_identity(NOW_UNIX_S - 3_600, &[3; 32]).unwrap();
        certificates_from_pem(&stamps.root_pem).unwrap()
    }] {
        assert_eq!(
            query().accept(&response, &roots),
            Err(TimestampError::Untrusted)
        );
    }
    let late = authority().answer(&query().to_der(), NOW_UNIX_S + 11 * 365 * 86_400, 1);
    assert_eq!(
        query().accept(&late, &roots()),
        Err(TimestampError::Untrusted)
    );
    assert!(!TimestampError::Untrusted.retryable());
}

#[test]
fn an_authority_that_refuses_says_why_and_whether_that_passes() {
    for (reason, retryable) in [
        (Rejection::NoTime, true),
        (Rejection::SystemFailure, true),
        (Rejection::BadAlgorithm, false),
        (Rejection::BadPolicy, false),
    ] {
        let response = TimestampAuthority::refuse(reason, "maintenance");
        let error = query().accept(&response, &roots()).unwrap_err();
        assert_eq!(
            error,
            TimestampError::Rejected {
                reason,
                text: "maintenance".into()
            }
        );
        assert_eq!(error.retryable(), retryable, "{error}");
    }
    // Waiting, without a text.
    let waiting = [0x30, 5, 0x30, 3, 2, 1, 3];
    assert_eq!(
        query().accept(&waiting, &roots()),
        Err(TimestampError::Waiting)
    );
    let unreadable = authority().answer(b"?", NOW_UNIX_S, 1);
    assert!(matches!(
        query().accept(&unreadable, &roots()),
        Err(TimestampError::Rejected {
            reason: Rejection::BadData,
            ..
        })
    ));
}

#[test]
fn no_byte_of_an_answer_can_change_and_the_answer_still_be_taken() {
    let response = answer(&query());
    // Every byte of the statement; samples of the certificate, whose signature takes its time.
    let tried = (0..response.len()).filter(|at| *at < 200 || at % 7 == 0);
    let taken: Vec<usize> = tried
        .filter(|at| {
            let mut forged = response.clone();
            forged[*at] ^= 1;
            query().accept(&forged, &roots()).is_ok()
        })
        .collect();
    // What no signature covers, and says nothing, comes before the statement: the status "granted with changes", the
    // structure's version, and the list of digests that one might need.
    assert!(taken.iter().all(|at| *at < 50), "{taken:?}");
    for length in (0..response.len()).step_by(9) {
        assert!(query().accept(&response[..length], &roots()).is_err());
    }
    assert!(query().accept(&[0x30; 70_000], &roots()).is_err());
}

#[test]
fn a_certificate_that_was_changed_is_not_the_one_that_the_token_names() {
    let response = answer(&query());
    let purpose = [0x2b, 6, 1, 5, 5, 7, 3, 8];
    let at = response
        .windows(8)
        .position(|window| window == purpose)
        .unwrap();
    let mut forged = response;
    forged[at + 7] = 4;
    assert_eq!(
        query().accept(&forged, &roots()),
        Err(TimestampError::WrongCertificate)
    );
}
