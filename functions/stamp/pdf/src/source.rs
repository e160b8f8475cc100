//! A file in memory, held once.

use crate::file::note_object_stream_names;
use sha2::{Digest, Sha256};
use std::ops::{Deref, Range};
use std::sync::{Arc, OnceLock};

/// A file in memory. Clones share the bytes; the SHA-256 is computed once.
///
/// The engine keeps no copy: a stamp is appended to these very bytes when nobody else holds them. Give a `Vec` with
/// [`Source::ROOM`] to spare, and it is not even moved.
#[derive(Debug, Clone)]
pub struct Source {
    bytes: Arc<Vec<u8>>,
    digested: Arc<OnceLock<Sha256>>,
    names: Arc<OnceLock<Vec<usize>>>,
}

/// As much as stays in the processor's cache from one look to the next.
const BLOCK_BYTES: usize = 32 * 1024;

/// A name of six letters, each spelled with three signs, and the slash.
const LONGEST_NAME_BYTES: usize = 19;

impl Source {
    /// Spare capacity, in bytes, in which nearly every stamp fits.
    pub const ROOM: usize = 32 * 1024;

    /// SHA-256 of the whole file.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.digested().clone().finalize().into()
    }

    /// The hash of the whole file, still open to more bytes. All that looks at every byte does so in the same pass:
    /// of a large file, each pass takes a tenth of the time of hashing it.
    pub(crate) fn digested(&self) -> &Sha256 {
        self.digested.get_or_init(|| {
            let (mut hash, mut names) = (Sha256::new(), Vec::new());
            for block in self.blocks(0) {
                hash.update(self.bytes.get(block.clone()).unwrap_or_default());
                note_object_stream_names(&self.bytes, block, &mut names);
            }
            self.names.get_or_init(|| names);
            hash
        })
    }

    /// Where names say that there is an object stream; one too many when there are too many.
    pub(crate) fn names(&self) -> &[usize] {
        self.names
            .get_or_init(|| self.with_names_from(0, Vec::new()))
    }

    /// The same source with more bytes at its end.
    pub(crate) fn grown(bytes: Vec<u8>, source_len: usize, names: Vec<usize>) -> Self {
        let grown = Self::from(bytes);
        // A name that was cut off at the end may go on now.
        let from = source_len.saturating_sub(LONGEST_NAME_BYTES);
        let names = names.into_iter().filter(|at| *at < from).collect();
        grown
            .names
            .get_or_init(|| grown.with_names_from(from, names));
        grown
    }

    fn with_names_from(&self, from: usize, mut names: Vec<usize>) -> Vec<usize> {
        for block in self.blocks(from) {
            note_object_stream_names(&self.bytes, block, &mut names);
        }
        names
    }

    fn blocks(&self, from: usize) -> impl Iterator<Item = Range<usize>> {
        let end = self.bytes.len();
        let starts = (from..end).step_by(BLOCK_BYTES);
        starts.map(move |start| start..(start + BLOCK_BYTES).min(end))
    }

    /// The bytes as the second reader wants them.
    pub(crate) const fn shared(&self) -> &Arc<Vec<u8>> {
        &self.bytes
    }

    /// The bytes themselves; a copy only when someone else holds them too.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        Arc::unwrap_or_clone(self.bytes)
    }
}

impl From<Vec<u8>> for Source {
    fn from(bytes: Vec<u8>) -> Self {
        Self {
            bytes: Arc::new(bytes),
            digested: Arc::default(),
            names: Arc::default(),
        }
    }
}

impl Deref for Source {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_over_blocks_and_over_the_end_of_what_was_there() {
        let mut bytes = vec![b' '; 3 * BLOCK_BYTES];
        let expected = [
            BLOCK_BYTES - 3,
            2 * BLOCK_BYTES,
            3 * BLOCK_BYTES - 27,
            3 * BLOCK_BYTES - 7,
        ];
        for at in expected {
            bytes.splice(at..at + 6, *b"ObjStm");
        }
        let spelled = expected[2] - 1;
        bytes.splice(spelled..spelled + 19, *b"/#4f#62#6a#53#74#6d");
        let sorted = |source: &Source| {
            let mut names = source.names().to_vec();
            names.sort_unstable();
            names
        };
        assert_eq!(sorted(&Source::from(bytes.clone())), expected);
        let source = Source::from(bytes.clone());
        assert_eq!(source.sha256(), <[u8; 32]>::from(Sha256::digest(&bytes)));
        assert_eq!(sorted(&source), expected);
        for cut in 1..40 {
            let before = Source::from(bytes[..bytes.len() - cut].to_vec());
            let grown = Source::grown(bytes.clone(), before.len(), before.names().to_vec());
            assert_eq!(sorted(&grown), expected, "{cut}");
        }
    }

    #[test]
    fn the_bytes_come_back_without_a_copy() {
        let bytes = vec![7; 1000];
        let at = bytes.as_ptr();
        let source = Source::from(bytes);
        let back = source.into_bytes();
        assert_eq!(back.as_ptr(), at);
    }
}
