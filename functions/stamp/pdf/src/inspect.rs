//! One stamp's signature, checked fact by fact.

use crate::digest::Prefixes;
use crate::file::Document;
use crate::form::{Signature, StampNote};
use crate::syntax::Node;
use crate::timestamp::Token;
use crate::{Refusal, certificate, cms, date};
use sha2::{Digest, Sha256};

/// What was found; every fact is independent of trust in the issuer.
pub(crate) struct Inspection {
    pub(crate) note: StampNote,
    /// End of the revision that the signature covers.
    pub(crate) covered_bytes: usize,
    /// The byte range starts at 0, ends in the file, and leaves out nothing but the contents.
    pub(crate) range_ok: bool,
    /// The bytes in range have the signed digest.
    pub(crate) digest_ok: bool,
    /// The signature was made by the embedded certificate's key.
    pub(crate) signature_ok: bool,
    /// The bytes before the stamp are the document that was stamped.
    pub(crate) source_ok: bool,
    pub(crate) signed_at_unix_s: Option<i64>,
    /// A time-stamp of the signature, as it came.
    pub(crate) token: Option<Vec<u8>>,
    /// There is no time-stamp, or it is for just this signature and its own signature fits.
    pub(crate) timestamp_ok: bool,
    /// Leaf first.
    pub(crate) certificates: Vec<Vec<u8>>,
}

impl Inspection {
    /// Nothing that the signature covers was changed.
    pub(crate) fn intact(&self) -> bool {
        self.range_ok
            && self.digest_ok
            && self.signature_ok
            && self.source_ok
            && self.timestamp_ok
            && self.signed_at_unix_s.is_some()
    }
}

/// Inspects a signature that is a stamp of ours, as its note says.
pub(crate) fn inspect(
    document: &Document<'_>,
    hashed: &Prefixes<'_>,
    signature: &Signature,
    note: StampNote,
) -> Result<Inspection, Refusal> {
    let written = signature.written.as_ref();
    let dict = written.unwrap_or(&signature.object.node);
    let file = document.file;
    let range = byte_range(dict);
    let gap = dict.get(b"Contents").map(|contents| contents.span.clone());
    let covered_bytes = range.map_or(0, |range| range[1].saturating_add(range[2]));
    let range_ok = written.is_some()
        && covered_bytes <= file.len()
        && gap.is_some_and(|gap| range.is_some_and(|[before, after, _]| gap == (before..after)))
        && is_ours(dict);
    let cms = contents(file, dict).and_then(|contents| cms::Cms::read(&contents));
    let [before, after, _] = range.unwrap_or_default();
    // In this order the whole file is hashed once: what is signed begins with the source.
    let source_sha256 = hashed.sha256(note.source_bytes)?;
    let content_sha256 = hashed.around(before, after, covered_bytes)?;
    let digest_ok = cms.as_ref().is_some_and(|cms| cms.covers(&content_sha256));
    let signature_ok = cms.as_ref().is_some_and(|cms| {
        let signed: [u8; 32] = Sha256::digest(cms::to_be_signed(&cms.attributes)).into();
        let leaf = cms.certificates.first();
        leaf.is_some_and(|leaf| certificate::signed(leaf, &signed, &cms.signature))
    });
    let token = cms.as_ref().and_then(|cms| cms.token.clone());
    let timestamp_ok = token.as_deref().is_none_or(|token| {
        let imprint = cms
            .as_ref()
            .map(|cms| Sha256::digest(&cms.signature).into());
        let token = Token::read(token);
        token
            .zip(imprint)
            .is_some_and(|(token, imprint)| token.check(&imprint).is_ok())
    });
    let source_ok =
        note.source_bytes < before && before <= file.len() && source_sha256 == note.source_sha256;
    Ok(Inspection {
        covered_bytes,
        range_ok,
        digest_ok,
        signature_ok,
        source_ok,
        signed_at_unix_s: signature
            .object
            .node
            .get(b"M")
            .and_then(Node::text)
            .and_then(date::parse),
        token,
        timestamp_ok,
        certificates: cms.map(|cms| cms.certificates).unwrap_or_default(),
        note,
    })
}

/// The three numbers after the leading 0.
fn byte_range(dict: &Node) -> Option<[usize; 3]> {
    let numbers = dict.get(b"ByteRange")?.items()?.iter();
    let numbers: Vec<usize> = numbers
        .map(|number| usize::try_from(number.int()?).ok())
        .collect::<Option<_>>()?;
    match numbers.as_slice() {
        [0, before, after, rest] if before < after => Some([*before, *after, *rest]),
        _ => None,
    }
}

fn is_ours(dict: &Node) -> bool {
    dict.get(b"SubFilter").and_then(Node::name) == Some(b"ETSI.CAdES.detached")
}

/// The contents, only if written as we write them: one run of lower-case digits. Other spellings of the same bytes
/// would be changes that no digest sees.
fn contents(file: &[u8], dict: &Node) -> Option<Vec<u8>> {
    let contents = dict.get(b"Contents")?;
    let written = file.get(contents.span.clone())?;
    let bytes = contents.text()?.to_vec();
    let expected = format!("<{}>", crate::revision::hex(&bytes));
    (written == expected.as_bytes()).then_some(bytes)
}
