//! The stamp engine's verifier behind four functions that a browser's WebAssembly can call.
//!
//! The page asks for room ([`fn@file`], [`trust`]), writes bytes there, calls [`verify`], and reads the report as JSON from
//! where [`report`] says. One file at a time; nothing leaves the page.

use bubuh_pdf::{Opening, Report, Trust, certificates_from_pem, verify_within};
use serde::Deserialize;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is handed in and out, where it stays until the next call.
#[derive(Default)]
struct Desk {
    file: Vec<u8>,
    trust: Vec<u8>,
    report: Vec<u8>,
}

static DESK: Mutex<Desk> = Mutex::new(Desk {
    file: Vec::new(),
    trust: Vec::new(),
    report: Vec::new(),
});

fn desk() -> MutexGuard<'static, Desk> {
    DESK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whom to believe, as the page's settings say it: root certificates as PEM.
#[derive(Deserialize)]
struct Roots {
    #[serde(default)]
    issuers: String,
    #[serde(default)]
    authorities: String,
}

/// Makes room for a file of so many bytes and says where.
#[expect(unsafe_code, reason = "an export is named so")]
#[unsafe(no_mangle)]
pub extern "C" fn file(size_bytes: usize) -> *mut u8 {
    let mut desk = desk();
    desk.file = vec![0; size_bytes];
    desk.file.as_mut_ptr()
}

/// Makes room for `{"issuers": PEM, "authorities": PEM}` of so many bytes and says where.
#[expect(unsafe_code, reason = "an export is named so")]
#[unsafe(no_mangle)]
pub extern "C" fn trust(size_bytes: usize) -> *mut u8 {
    let mut desk = desk();
    desk.trust = vec![0; size_bytes];
    desk.trust.as_mut_ptr()
}

/// Verifies the file and gives the size of the report in bytes; 0 when the roots can't be read.
#[expect(unsafe_code, reason = "an export is named so")]
#[unsafe(no_mangle)]
pub extern "C" fn verify() -> usize {
    let mut desk = desk();
    let file = std::mem::take(&mut desk.file);
    let report = judged(&file, &desk.trust);
    desk.report = report
        .and_then(|r| serde_json::to_vec(&r).ok())
        .unwrap_or_default();
    desk.report.len()
}

/// Where the report is.
#[expect(unsafe_code, reason = "an export is named so")]
#[unsafe(no_mangle)]
pub extern "C" fn report() -> *const u8 {
    desk().report.as_ptr()
}

fn judged(file: &[u8], trust: &[u8]) -> Option<Report> {
    let roots: Roots = serde_json::from_slice(trust).ok()?;
    let certificates = |pem: &str| match pem {
        "" => Some(Vec::new()),
        pem => certificates_from_pem(pem).ok(),
    };
    let trust = Trust {
        issuers: certificates(&roots.issuers)?,
        authorities: certificates(&roots.authorities)?,
    };
    Some(verify_within(file, &trust, &Opening::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_pdf_is_reported_as_unreadable_and_roots_that_are_none_give_no_report() {
        let report = judged(b"no pdf", br#"{"issuers":"","authorities":""}"#).unwrap();
        assert!(!report.readable && !report.valid);
        assert_eq!(judged(b"no pdf", b"none"), None);
        assert_eq!(judged(b"no pdf", br#"{"issuers":"-----BEGIN"}"#), None);
    }
}
