//! The stamp engine's verifier, and its look at a file before it is stamped, behind a few functions that a browser's
//! WebAssembly can call.
//!
//! The page asks for room ([`fn@file`], [`terms`]), writes bytes there, calls [`verify`] or [`examine`], and reads the
//! report as JSON from where [`report`] says. One file at a time; nothing leaves the page.

use bubuh_pdf::{
    Opening, Placement, Report, Source, Trust, certificates_from_pem, preflight, verify_within,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is handed in and out, where it stays until the next call.
#[derive(Default)]
struct Desk {
    file: Vec<u8>,
    terms: Vec<u8>,
    report: Vec<u8>,
}

static DESK: Mutex<Desk> = Mutex::new(Desk {
    file: Vec::new(),
    terms: Vec::new(),
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

/// Where the stamp is to go, as a document is announced with it.
#[derive(Deserialize)]
struct Wish {
    page: Option<u32>,
    rect: Option<[f64; 4]>,
    anchor: Option<String>,
}

/// Makes room for a file of so many bytes and says where.
#[expect(unsafe_code, reason = "an export is named so")]
#[unsafe(no_mangle)]
pub extern "C" fn file(size_bytes: usize) -> *mut u8 {
    let mut desk = desk();
    desk.file = vec![0; size_bytes];
    desk.file.as_mut_ptr()
}

/// Makes room for so many bytes of `{"issuers": PEM, "authorities": PEM}` before [`verify`], or of the place that is wished
/// for, `{"page", "rect", "anchor"}`, before [`examine`], and says where.
#[expect(unsafe_code, reason = "an export is named so")]
#[unsafe(no_mangle)]
pub extern "C" fn terms(size_bytes: usize) -> *mut u8 {
    let mut desk = desk();
    desk.terms = vec![0; size_bytes];
    desk.terms.as_mut_ptr()
}

/// Verifies the file and gives the size of the report in bytes; 0 when the roots can't be read.
#[expect(unsafe_code, reason = "an export is named so")]
#[unsafe(no_mangle)]
pub extern "C" fn verify() -> usize {
    told(|file, trust| judged(&file, trust))
}

/// Looks at the file as the service will before it is stamped, and gives the size of the report in bytes; 0 when the
/// wish can't be read. The report says how the file fits, or why it is refused.
#[expect(unsafe_code, reason = "an export is named so")]
#[unsafe(no_mangle)]
pub extern "C" fn examine() -> usize {
    told(looked_at)
}

/// Keeps what is to be said of the file on these terms, and gives its size in bytes; 0 when there is nothing to say.
fn told<R: Serialize>(say: impl FnOnce(Vec<u8>, &[u8]) -> Option<R>) -> usize {
    let mut desk = desk();
    let file = std::mem::take(&mut desk.file);
    let report = say(file, &desk.terms);
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

fn looked_at(file: Vec<u8>, wish: &[u8]) -> Option<Value> {
    let wish: Wish = serde_json::from_slice(wish).ok()?;
    let placement = Placement::announced(wish.page, wish.rect, wish.anchor);
    Some(match preflight(&Source::from(file), &placement) {
        Ok(fits) => json!({ "fits": fits }),
        Err(refusal) => json!({ "refused": {
            "code": refusal.code(),
            "message_id": refusal.message_id(),
            "message_en": refusal.message_en(),
        }}),
    })
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
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    const PAGE: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
        2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
        3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n\
        xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000053 00000 n \n0000000102 00000 n \n\
        trailer<</Size 4/Root 1 0 R>>\nstartxref\n164\n%%EOF\n";

    #[test]
    fn a_file_is_looked_at_as_the_service_will_before_it_is_sent() {
        let fits = looked_at(PAGE.to_vec(), br#"{"page":1}"#).unwrap();
        assert_eq!(fits["fits"]["pages"], 1, "{fits}");
        assert!(fits["fits"]["size_after"].as_u64().unwrap() > 2_000);
        let refused = looked_at(b"no pdf".to_vec(), b"{}").unwrap();
        assert_eq!(refused["refused"]["code"], "not_pdf", "{refused}");
        assert_eq!(looked_at(PAGE.to_vec(), b"none"), None);
    }

    #[test]
    fn a_file_that_is_no_pdf_is_reported_as_unreadable_and_roots_that_are_none_give_no_report() {
        let report = judged(b"no pdf", br#"{"issuers":"","authorities":""}"#).unwrap();
        assert!(!report.readable && !report.valid);
        assert_eq!(judged(b"no pdf", b"none"), None);
        assert_eq!(judged(b"no pdf", br#"{"issuers":"-----BEGIN"}"#), None);
    }
}
