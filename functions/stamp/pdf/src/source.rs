//! A file in memory, held once.

use sha2::{Digest, Sha256};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// A file in memory. Clones share the bytes; the SHA-256 is computed once.
///
/// The engine keeps no copy: a stamp is appended to these very bytes when nobody else holds them. Give a `Vec` with
/// [`Source::ROOM`] to spare, and it is not even moved.
#[derive(Debug, Clone)]
pub struct Source {
    bytes: Arc<Vec<u8>>,
    digested: Arc<OnceLock<Sha256>>,
}

impl Source {
    /// Spare capacity, in bytes, in which nearly every stamp fits.
    pub const ROOM: usize = 32 * 1024;

    /// SHA-256 of the whole file.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.digested().clone().finalize().into()
    }

    /// The hash of the whole file, still open to more bytes.
    pub(crate) fn digested(&self) -> &Sha256 {
        self.digested
            .get_or_init(|| Sha256::new_with_prefix(self.bytes.as_slice()))
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
    fn the_bytes_come_back_without_a_copy() {
        let bytes = vec![7; 1000];
        let at = bytes.as_ptr();
        let source = Source::from(bytes);
        let back = source.into_bytes();
        assert_eq!(back.as_ptr(), at);
    }
}
