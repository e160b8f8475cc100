//! Stamping: compose, sign, check, release.

use crate::compose::{Draft, compose, range_text};
use crate::form::StampNote;
use crate::gate::{self, Expectation};
use crate::plan::Plan;
use crate::{Error, GateError, Limits, Refusal, Signer, StampRequest, cms};
use sha2::{Digest, Sha256};

/// The longest DER encoding of a P-256 signature.
const LONGEST_SIGNATURE: [u8; 72] = [0; 72];
/// Most certificate bytes embedded; part of what preflight promises about the size.
pub(crate) const MOST_CERTIFICATE_BYTES: usize = 4 * 1024;

/// Stamps a document under [`Limits::DEFAULT`]: the input with one more revision, which shows the stamp and signs
/// the whole file. The result has passed [`crate::gate()`].
///
/// # Errors
/// [`Error::Refused`] when the document cannot be stamped; see [`Error::retryable`] for the rest.
pub fn stamp(input: &[u8], request: &StampRequest, signer: &dyn Signer) -> Result<Vec<u8>, Error> {
    stamp_within(input, request, signer, &Limits::DEFAULT)
}

/// [`stamp`] under other limits.
///
/// # Errors
/// As [`stamp`].
pub fn stamp_within(
    input: &[u8],
    request: &StampRequest,
    signer: &dyn Signer,
    limits: &Limits,
) -> Result<Vec<u8>, Error> {
    request.check()?;
    let source_sha256: [u8; 32] = Sha256::digest(input).into();
    if request
        .source_sha256
        .is_some_and(|pinned| pinned != source_sha256)
    {
        return Err(Error::Request(
            "the input is not the document that was pinned",
        ));
    }
    let plan = Plan::make(input, &request.placement, limits)?;
    if plan.serials.contains(&request.serial) {
        let serial = request.serial.clone();
        return Err(Refusal::AlreadyStamped { serial }.into());
    }
    let room = contents_bytes(signer)?;
    let draft = compose(&plan, request, &source_sha256, room)?;
    let output = sign(input, draft, signer)?;
    let expect = Expectation {
        source_len: input.len(),
        source_sha256,
        serial: request.serial.clone(),
        pages: plan.pages,
    };
    let (gated, seen) = gate::check(&output, &expect, limits)?;
    let note = StampNote {
        serial: request.serial.clone(),
        kind: request.kind.code().into(),
        verify_url: request.verify_url.clone(),
        source_bytes: input.len(),
        source_sha256,
    };
    if gated.note != note || seen.on_pages != [plan.page_index] {
        return Err(GateError::WidgetMissing.into());
    }
    Ok(output)
}

fn contents_bytes(signer: &dyn Signer) -> Result<usize, Error> {
    let certificates = signer.certificates();
    if certificates.iter().map(Vec::len).sum::<usize>() > MOST_CERTIFICATE_BYTES {
        return Err(Error::Identity(
            "the certificate chain is longer than 4 KiB",
        ));
    }
    let leaf = certificates
        .first()
        .ok_or(Error::Identity("there is no certificate"))?;
    let attributes = cms::signed_attributes(&[0; 32], leaf);
    let longest = cms::encode(certificates, &attributes, &LONGEST_SIGNATURE);
    Ok(longest
        .ok_or(Error::Identity("the certificate cannot be read"))?
        .len())
}

fn sign(input: &[u8], draft: Draft, signer: &dyn Signer) -> Result<Vec<u8>, Error> {
    const NO_ROOM: Error = Error::Signer(String::new());
    let mut output = Vec::with_capacity(input.len() + draft.tail.bytes.len());
    output.extend_from_slice(input);
    output.extend_from_slice(&draft.tail.bytes);
    let gap_end = draft.contents_at + 2 + draft.contents_bytes * 2;
    let range = range_text([draft.contents_at, gap_end, output.len() - gap_end]);
    overwrite(&mut output, draft.range_at, range.as_bytes()).ok_or(NO_ROOM)?;
    let before = output.get(..draft.contents_at).unwrap_or_default();
    let after = output.get(gap_end..).unwrap_or_default();
    let content_sha256: [u8; 32] = Sha256::new()
        .chain_update(before)
        .chain_update(after)
        .finalize()
        .into();
    let certificates = signer.certificates();
    let leaf = certificates
        .first()
        .ok_or(Error::Identity("there is no certificate"))?;
    let attributes = cms::signed_attributes(&content_sha256, leaf);
    let signature = signer.sign_digest(Sha256::digest(cms::to_be_signed(&attributes)).into())?;
    let encoded = cms::encode(certificates, &attributes, &signature)
        .filter(|encoded| encoded.len() <= draft.contents_bytes)
        .ok_or_else(|| Error::Signer("the signature is no DER P-256 signature".into()))?;
    let digits = crate::revision::hex(&encoded);
    overwrite(&mut output, draft.contents_at + 1, digits.as_bytes()).ok_or(NO_ROOM)?;
    Ok(output)
}

fn overwrite(output: &mut [u8], at: usize, bytes: &[u8]) -> Option<()> {
    output.get_mut(at..at + bytes.len())?.copy_from_slice(bytes);
    Some(())
}
