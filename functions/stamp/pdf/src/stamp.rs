//! Stamping in steps: prepare, have it signed, release.
//!
//! The steps do no I/O, so that whoever signs (a key in memory, a key service, a remote issuer) may take its time
//! between them.

use crate::certification::Certification;
use crate::compose::{Draft, compose, range_text};
use crate::digest::Prefixes;
use crate::form::StampNote;
use crate::gate::{self, Expectation};
use crate::plan::Plan;
use crate::timestamp::Token;
use crate::{
    Error, GateError, Opening, Refusal, Seal, Signer, Source, StampRequest, TimestampError, cms,
    rehearsal,
};
use sha2::{Digest, Sha256};

/// The longest DER encoding of a P-256 signature.
const LONGEST_SIGNATURE: [u8; 72] = [0; 72];
/// Most certificate bytes embedded; part of what preflight promises about the size.
pub(crate) const MOST_CERTIFICATE_BYTES: usize = 4 * 1024;
/// The offsets of a draft come from what was written: this cannot happen.
const NO_ROOM: Error = Error::Request("the draft has no room for its signature");

/// A document with a stamp that nobody has signed yet.
#[derive(Debug)]
pub struct Unsigned {
    bytes: Vec<u8>,
    source: Sha256,
    /// Where the source names object streams.
    names: Vec<usize>,
    draft: Draft,
    attributes: Vec<u8>,
    seal: Seal,
    expected: Expected,
}

/// A document with a signed stamp that has not passed the gate yet.
#[derive(Debug)]
pub struct Signed {
    unsigned: Unsigned,
    signature: Vec<u8>,
    has_timestamp: bool,
}

/// A stamped document that passed the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamped {
    /// The source with one more revision.
    pub bytes: Vec<u8>,
    /// SHA-256 of these bytes.
    pub sha256: [u8; 32],
}

/// What must be found in the result.
#[derive(Debug)]
struct Expected {
    note: StampNote,
    page_index: usize,
    pages: usize,
    opening: Opening,
}

/// Stamps a document under [`crate::Limits::DEFAULT`]: the source with one more revision, which shows the stamp and signs
/// the whole file. The result has passed [`crate::gate()`].
///
/// # Errors
/// [`Error::Refused`] when the document cannot be stamped; see [`Error::retryable`] for the rest.
pub fn stamp(
    source: Source,
    request: &StampRequest,
    signer: &dyn Signer,
) -> Result<Stamped, Error> {
    stamp_within(source, request, signer, &Opening::default())
}

/// [`stamp`] for a document that does not open without a password, or under other limits.
///
/// # Errors
/// As [`stamp`].
pub fn stamp_within(
    source: Source,
    request: &StampRequest,
    signer: &dyn Signer,
    opening: &Opening,
) -> Result<Stamped, Error> {
    let unsigned = prepare(source, request, signer.seal().clone(), opening)?;
    let signature = signer.sign_digest(unsigned.digest())?;
    unsigned.sign(&signature)?.release()
}

/// Writes the stamp, with room for a signature by the seal's first certificate.
///
/// # Errors
/// [`Error::Refused`] when the document cannot be stamped, [`Error::Request`] and [`Error::Identity`] when it was
/// asked wrongly.
pub fn prepare(
    source: Source,
    request: &StampRequest,
    seal: Seal,
    opening: &Opening,
) -> Result<Unsigned, Error> {
    request.check()?;
    let source_sha256 = source.sha256();
    if request
        .source_sha256
        .is_some_and(|pinned| pinned != source_sha256)
    {
        return Err(Error::Request(
            "the input is not the document that was pinned",
        ));
    }
    let plan = Plan::make(&source, &request.placement, opening)?;
    if plan.serials.contains(&request.serial) {
        let serial = request.serial.clone();
        return Err(Refusal::AlreadyStamped { serial }.into());
    }
    if seal.certification.is_some() {
        Certification::check(&plan)?;
    }
    let room = seal.contents_bytes()?;
    let (draft, tail) = compose(&plan, request, &source_sha256, room, seal.certification)?;
    let expected = Expected {
        note: StampNote {
            serial: request.serial.clone(),
            kind: request.kind.code().into(),
            verify_url: request.verify_url.clone(),
            source_bytes: source.len(),
            source_sha256,
        },
        page_index: plan.page_index,
        pages: plan.pages.list.len(),
        opening: opening.clone(),
    };
    drop(plan);
    let (digested, names) = (source.digested().clone(), source.names().to_vec());
    let mut bytes = source.into_bytes();
    bytes.extend_from_slice(&tail);
    drop(tail);
    draft.close(&mut bytes).ok_or(NO_ROOM)?;
    let hashed = Prefixes::with(&bytes, expected.note.source_bytes, digested.clone());
    let content_sha256 = hashed.around(draft.contents_at, draft.gap_end(), bytes.len())?;
    let attributes = cms::signed_attributes(cms::Content::Detached, &content_sha256, seal.leaf()?);
    Ok(Unsigned {
        bytes,
        source: digested,
        names,
        draft,
        attributes,
        seal,
        expected,
    })
}

impl Unsigned {
    /// The SHA-256 digest to sign (not to be hashed again).
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(cms::to_be_signed(&self.attributes)).into()
    }

    /// Puts in the DER signature over [`Unsigned::digest`].
    ///
    /// # Errors
    /// [`Error::Signer`] when these bytes are too many for a P-256 signature; whose signature it is,
    /// [`Signed::release`] finds.
    pub fn sign(mut self, signature: &[u8]) -> Result<Signed, Error> {
        if !self.write(signature, None)? {
            return Err(not_the_signers());
        }
        Ok(Signed {
            unsigned: self,
            signature: signature.to_vec(),
            has_timestamp: false,
        })
    }

    /// Writes the signature into its room; whether it fits.
    fn write(&mut self, signature: &[u8], token: Option<&[u8]>) -> Result<bool, Error> {
        let certificates = &self.seal.certificates;
        let encoded = cms::encode(certificates, &self.attributes, signature, token)
            .filter(|encoded| encoded.len() <= self.draft.contents_bytes);
        let Some(encoded) = encoded else {
            return Ok(false);
        };
        let digits = crate::revision::hex(&encoded);
        let at = self.draft.contents_at + 1;
        overwrite(&mut self.bytes, at, digits.as_bytes()).ok_or(NO_ROOM)?;
        Ok(true)
    }
}

impl Signed {
    /// What a time-stamp must be for: the SHA-256 of the signature's bytes (RFC 3161, appendix A).
    #[must_use]
    pub fn timestamp_imprint(&self) -> [u8; 32] {
        Sha256::digest(&self.signature).into()
    }

    /// Puts in a time-stamp as an authority made it. Trust in the authority is the business of whoever asked it:
    /// see [`crate::TimestampQuery::accept`].
    ///
    /// # Errors
    /// [`Error::Timestamp`] when it is not for this signature, not sound, or longer than the room in the seal.
    pub fn timestamped(mut self, token: &[u8]) -> Result<Self, Error> {
        let read = Token::read(token).ok_or(TimestampError::Unreadable)?;
        read.check(&self.timestamp_imprint())?;
        let room = self.unsigned.seal.timestamp_room.unwrap_or(0);
        if token.len() > room || !self.unsigned.write(&self.signature, Some(token))? {
            return Err(TimestampError::TooLong { room }.into());
        }
        self.has_timestamp = true;
        Ok(self)
    }

    /// Lets the document out when it passes the gate and says just what was asked for.
    ///
    /// # Errors
    /// [`Error::Gate`]; [`Error::Signer`] when the signature is not by the key of the seal's first certificate;
    /// [`Error::Request`] when the seal has room for a time-stamp and there is none.
    pub fn release(self) -> Result<Stamped, Error> {
        if self.unsigned.seal.timestamp_room.is_some() && !self.has_timestamp {
            return Err(Error::Request("the time-stamp is missing"));
        }
        let Unsigned {
            bytes,
            source,
            names,
            expected,
            ..
        } = self.unsigned;
        let expect = Expectation {
            source_len: expected.note.source_bytes,
            source_sha256: expected.note.source_sha256,
            serial: expected.note.serial.clone(),
            pages: expected.pages,
        };
        let output = Source::grown(bytes, expect.source_len, names);
        let hashed = Prefixes::with(&output, expect.source_len, source);
        // All else that a signature covers was written here: what the gate finds wrong with it is the signer's fault,
        // or that of a document that nobody looked at before.
        let opening = &expected.opening;
        let (gated, seen) =
            gate::check(&output, &hashed, &expect, opening).map_err(|error| match error {
                GateError::BadSignature => not_the_signers(),
                other => {
                    let source = output.get(..expect.source_len).unwrap_or_default();
                    let refusal = rehearsal::refusal(&Source::from(source.to_vec()), opening);
                    refusal.map_or_else(|| other.into(), Error::Refused)
                }
            })?;
        if gated.note != expected.note || seen.on_pages != [expected.page_index] {
            return Err(GateError::WidgetMissing.into());
        }
        drop(hashed);
        Ok(Stamped {
            sha256: gated.sha256,
            bytes: output.into_bytes(),
        })
    }
}

fn not_the_signers() -> Error {
    Error::Signer("the signature is not by the key of the first certificate".into())
}

impl Seal {
    fn leaf(&self) -> Result<&[u8], Error> {
        let leaf = self.certificates.first();
        leaf.map(Vec::as_slice)
            .ok_or(Error::Identity("there is no certificate"))
    }

    /// The room that a signature by this seal takes, in bytes.
    fn contents_bytes(&self) -> Result<usize, Error> {
        if self.certificates.iter().map(Vec::len).sum::<usize>() > MOST_CERTIFICATE_BYTES {
            return Err(Error::Identity(
                "the certificate chain is longer than 4 KiB",
            ));
        }
        let attributes = cms::signed_attributes(cms::Content::Detached, &[0; 32], self.leaf()?);
        let token = self.timestamp_room.map(|room| vec![0; room]);
        let longest = cms::encode(
            &self.certificates,
            &attributes,
            &LONGEST_SIGNATURE,
            token.as_deref(),
        );
        Ok(longest
            .ok_or(Error::Identity("the certificate cannot be read"))?
            .len())
    }
}

impl Draft {
    /// Where the byte range goes on after the contents.
    fn gap_end(&self) -> usize {
        self.contents_at + 2 + self.contents_bytes * 2
    }

    /// Writes the byte range, now that all lengths are known.
    fn close(&self, bytes: &mut [u8]) -> Option<()> {
        let gap_end = self.gap_end();
        let range = range_text([self.contents_at, gap_end, bytes.len().checked_sub(gap_end)?]);
        overwrite(bytes, self.range_at, range.as_bytes())
    }
}

fn overwrite(output: &mut [u8], at: usize, bytes: &[u8]) -> Option<()> {
    output.get_mut(at..at + bytes.len())?.copy_from_slice(bytes);
    Some(())
}
