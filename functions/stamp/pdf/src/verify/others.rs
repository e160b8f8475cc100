//! Signatures that are no stamps: named, and told whether they are intact. Whom to trust is not judged.

use crate::cms::SignedData;
use crate::digest::MOST_ROUNDS;
use crate::form::Signature;
use crate::syntax::{Id, Node};
use crate::timestamp::Token;
use crate::{certificate, date};
use serde::Serialize;
use std::collections::HashSet;

/// A signature of somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OtherSignature {
    /// A document time-stamp of an authority, not a person's signature.
    pub is_time_stamp: bool,
    /// The subject of the signing certificate, as far as it can be read. Not proven.
    pub signer: Option<String>,
    /// When, in seconds since 1970 UTC, by the signer's own word, or by the authority's for a time-stamp.
    pub signed_at_unix_s: Option<i64>,
    /// It covers the first so many bytes; nothing when it leaves out more than itself.
    pub covered_bytes: Option<usize>,
    /// Whether the covered bytes are those that were signed; nothing when its algorithms are not known here.
    pub intact: Option<bool>,
    /// That in Indonesian.
    pub sentence_id: String,
    /// That in English.
    pub sentence_en: String,
}

/// Looks at signatures that are no stamps.
pub(super) struct Others<'a> {
    file: &'a [u8],
    /// Bytes that may still be hashed.
    left: usize,
    pub(super) found: Vec<OtherSignature>,
    /// The dictionaries of those that are intact.
    pub(super) intact: HashSet<Id>,
}

impl<'a> Others<'a> {
    pub(super) fn new(file: &'a [u8]) -> Self {
        Self {
            file,
            left: file.len().saturating_mul(MOST_ROUNDS),
            found: Vec::new(),
            intact: HashSet::new(),
        }
    }

    pub(super) fn inspect(&mut self, signature: &Signature) {
        let dict = &signature.object.node;
        let filter = dict.get(b"SubFilter").and_then(Node::name);
        let contents = dict.get(b"Contents").and_then(Node::text);
        let contents = contents.unwrap_or_default();
        let ranges = covered(self.file, signature);
        let mut found = OtherSignature {
            is_time_stamp: filter == Some(b"ETSI.RFC3161"),
            signer: None,
            signed_at_unix_s: dict
                .get(b"M")
                .and_then(Node::text)
                .and_then(date::parse_any),
            covered_bytes: ranges.as_ref().map(|(_, end)| *end),
            intact: None,
            sentence_id: String::new(),
            sentence_en: String::new(),
        };
        let cost = found.covered_bytes.unwrap_or(0).saturating_mul(2);
        let parts = ranges.map(|(parts, _)| parts);
        let affordable = self.left.checked_sub(cost);
        self.left = affordable.unwrap_or(0);
        if found.is_time_stamp {
            if let Some(token) = Token::read(contents) {
                found.signer = token.authority();
                found.signed_at_unix_s = Some(token.at);
                let fits = |parts: [&[u8]; 2]| token.check_parts(&parts).is_ok();
                found.intact = affordable.map(|_| parts.is_some_and(fits));
            }
        } else if let Some(signed) = SignedData::read(contents) {
            found.signer = signed.certificate().and_then(certificate::subject);
            found.intact = match parts {
                Some(parts) => affordable.and_then(|_| intact(&signed, filter, &parts)),
                None => Some(false),
            };
        }
        if found.intact == Some(true) {
            self.intact.insert(signature.object.id);
        }
        self.found.push(found);
    }
}

fn intact(signed: &SignedData<'_>, filter: Option<&[u8]>, parts: &[&[u8]]) -> Option<bool> {
    // PKCS#7 with the file's SHA-1 as its content (ISO 32000-1, 12.8.3.3).
    let fits = |content: &[u8]| content == certificate::Hash::Sha1.digest(parts);
    let content = match (filter, signed.content) {
        (Some(b"adbe.pkcs7.sha1"), Some(content)) if fits(content) => vec![content],
        (Some(b"adbe.pkcs7.detached" | b"ETSI.CAdES.detached"), None) => parts.to_vec(),
        (Some(b"adbe.pkcs7.sha1" | b"adbe.pkcs7.detached" | b"ETSI.CAdES.detached"), _) => {
            return Some(false);
        }
        _ => return None,
    };
    if !signed.covers(&content) {
        return Some(false);
    }
    signed.signature_fits(&content)
}

/// The two covered parts and their end, when they leave out just the contents.
fn covered<'a>(file: &'a [u8], signature: &Signature) -> Option<([&'a [u8]; 2], usize)> {
    let dict = signature.written.as_ref()?;
    let numbers = dict.get(b"ByteRange")?.items()?.iter();
    let numbers: Vec<usize> = numbers
        .map(|number| usize::try_from(number.int()?).ok())
        .collect::<Option<_>>()?;
    let [0, before, after, rest] = numbers[..] else {
        return None;
    };
    let gap = dict.get(b"Contents")?.span.clone();
    let end = after.checked_add(rest)?;
    let fits = gap == (before..after);
    let parts = [file.get(..before)?, file.get(after..end)?];
    fits.then_some((parts, end))
}
