//! SHA-256 over beginnings of a file, each byte hashed once.
//!
//! A stamped file is hashed up to the source's end, up to the signature, around it, and whole. These share their
//! beginning, which is nearly all of the file.

use crate::Refusal;
use sha2::{Digest, Sha256};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// How many times its own length a file may make us hash: honest signatures share their beginnings, and ask for
/// once; a hostile file could name a thousand signatures over all of it.
pub(crate) const MOST_ROUNDS: usize = 16;

/// The hashes of some beginnings of a file, still open to more bytes.
pub(crate) struct Prefixes<'a> {
    bytes: &'a [u8],
    known: RefCell<BTreeMap<usize, Sha256>>,
    /// Bytes that may still be hashed.
    left: Cell<usize>,
}

impl<'a> Prefixes<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            known: RefCell::default(),
            left: Cell::new(bytes.len().saturating_mul(MOST_ROUNDS)),
        }
    }

    /// The same when the hash of the first `length` bytes is known already.
    pub(crate) fn with(bytes: &'a [u8], length: usize, known: Sha256) -> Self {
        let prefixes = Self::new(bytes);
        prefixes.known.borrow_mut().insert(length, known);
        prefixes
    }

    /// The hash of the first `length` bytes (or of all, when there are fewer), open to more.
    pub(crate) fn upto(&self, length: usize) -> Result<Sha256, Refusal> {
        let length = length.min(self.bytes.len());
        let mut known = self.known.borrow_mut();
        let (from, state) = known
            .range(..=length)
            .next_back()
            .map_or_else(|| (0, Sha256::new()), |(at, state)| (*at, state.clone()));
        let state = self.feed(state, from, length)?;
        known.insert(length, state.clone());
        Ok(state)
    }

    /// SHA-256 of the first `length` bytes.
    pub(crate) fn sha256(&self, length: usize) -> Result<[u8; 32], Refusal> {
        Ok(self.upto(length)?.finalize().into())
    }

    /// SHA-256 of the first `before` bytes and of those from `after` to `end`.
    pub(crate) fn around(
        &self,
        before: usize,
        after: usize,
        end: usize,
    ) -> Result<[u8; 32], Refusal> {
        let state = self.feed(self.upto(before)?, after, end.min(self.bytes.len()))?;
        Ok(state.finalize().into())
    }

    fn feed(&self, state: Sha256, from: usize, to: usize) -> Result<Sha256, Refusal> {
        let more = self.bytes.get(from..to).unwrap_or_default();
        let left = self.left.get().checked_sub(more.len());
        self.left.set(left.ok_or(Refusal::TooComplex)?);
        Ok(state.chain_update(more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_beginning_has_its_own_hash_in_whatever_order_it_is_asked_for() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1_000).collect();
        let prefixes = Prefixes::with(&bytes, 700, Sha256::new().chain_update(&bytes[..700]));
        for length in [1_000, 0, 64, 700, 699, 65, 5_000] {
            let expected: [u8; 32] = Sha256::digest(&bytes[..length.min(1_000)]).into();
            assert_eq!(prefixes.sha256(length).unwrap(), expected, "{length}");
        }
        let expected: [u8; 32] = Sha256::new()
            .chain_update(&bytes[..720])
            .chain_update(&bytes[800..990])
            .finalize()
            .into();
        assert_eq!(prefixes.around(720, 800, 990).unwrap(), expected);
    }

    #[test]
    fn a_file_whose_signatures_all_claim_all_of_it_is_not_hashed_for_ever() {
        let bytes = [0; 1_000];
        let prefixes = Prefixes::new(&bytes);
        let asked = (0..100).map(|_| prefixes.around(0, 0, 1_000));
        let answers: Vec<_> = asked.map_while(Result::ok).collect();
        assert_eq!(answers.len(), MOST_ROUNDS);
    }
}
