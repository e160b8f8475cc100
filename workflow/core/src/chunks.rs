//! A file that comes in pieces, for a link so bad that the whole would never get through.
//!
//! A chunk is named by its digest, and the link it comes by signs that digest. So a name holds one content only,
//! whoever sends it and however often: chunks need no row, and only their list says what order they are in.

use crate::{
    document::Document,
    error::Error,
    id::{DocumentId, Sha256},
};

/// Bytes of every chunk but the last, on a bad link. Storage's own multipart uploads take no parts below 5 MiB, which at
/// 256 kbit/s is three minutes that a broken link throws away; this is two seconds.
pub const CHUNK_BYTES: u64 = 64 * 1024;
/// The same on a good link, where a large file would else begin anew when it breaks. A fifth of what a multipart upload
/// would lose, and nothing half done is left in storage to be paid for.
pub const LARGE_CHUNK_BYTES: u64 = 1024 * 1024;
/// The sizes that chunks may have.
pub const CHUNK_SIZES: [u64; 2] = [CHUNK_BYTES, LARGE_CHUNK_BYTES];

/// One piece of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Its place in the file, from 0.
    pub index: usize,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Its digest.
    pub sha256: Sha256,
}

/// A document's chunks in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunks {
    document: DocumentId,
    chunk_bytes: u64,
    list: Vec<Chunk>,
}

impl Chunks {
    /// The chunks of an announced document, by their digests.
    ///
    /// # Errors
    /// [`Error::Invalid`] when they can't be this document's: another size, another number, a digest that is none.
    pub fn of(document: &Document, chunk_bytes: u64, sha256: Vec<Sha256>) -> Result<Self, Error> {
        if !CHUNK_SIZES.contains(&chunk_bytes) {
            let why = format!("must be {CHUNK_BYTES} or {LARGE_CHUNK_BYTES}");
            return Err(invalid("chunks.size", why));
        }
        let count = document.size_bytes.div_ceil(chunk_bytes);
        if u64::try_from(sha256.len()) != Ok(count) {
            let told = sha256.len();
            let why = format!("must list {count} chunks for this document's size, not {told}");
            return Err(invalid("chunks.sha256", why));
        }
        let mut left = document.size_bytes;
        let mut list = Vec::with_capacity(sha256.len());
        for (index, sha256) in sha256.into_iter().enumerate() {
            if sha256.bytes().is_err() {
                let why = format!("entry {index} must be 64 lower-case hex digits");
                return Err(invalid("chunks.sha256", why));
            }
            let size_bytes = left.min(chunk_bytes);
            left = left.saturating_sub(size_bytes);
            list.push(Chunk {
                index,
                size_bytes,
                sha256,
            });
        }
        Ok(Self {
            document: document.id,
            chunk_bytes,
            list,
        })
    }

    /// Bytes of every chunk but the last.
    #[must_use]
    pub const fn chunk_bytes(&self) -> u64 {
        self.chunk_bytes
    }

    /// The chunks in the file's order. Two with the same content are one object.
    #[must_use]
    pub fn list(&self) -> &[Chunk] {
        &self.list
    }

    /// The key a chunk is stored under.
    #[must_use]
    pub fn key(&self, chunk: &Chunk) -> String {
        format!("{}{}", Self::prefix(self.document), chunk.sha256)
    }

    /// What the keys of a document's chunks begin with.
    #[must_use]
    pub fn prefix(document: DocumentId) -> String {
        format!("chunks/{document}/")
    }
}

fn invalid(field: &'static str, reason: String) -> Error {
    Error::Invalid { field, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        document::{Announced, DocumentType, Placement},
        id::AccountId,
    };

    fn document(size_bytes: u64) -> Document {
        let new = Announced {
            id: DocumentId::derive(&["a"]),
            account: AccountId::new("ani").unwrap(),
            name: "surat.pdf".to_owned(),
            document_type: DocumentType::Statement,
            placement: Placement::default(),
            size_bytes,
            sha256: Sha256::of(b"whole"),
            deadline_ms: None,
            request_hash: Sha256::of(b"request"),
        };
        Document::announce(new, 0).unwrap().0
    }

    fn digests(count: usize) -> Vec<Sha256> {
        (0..count).map(|i| Sha256::of(&[i as u8])).collect()
    }

    fn field(refused: Result<Chunks, Error>) -> &'static str {
        match refused {
            Err(Error::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_chunks_of_a_document_add_up_to_its_size_and_are_named_by_document_and_digest() {
        for (size, each, sizes) in [
            (1, CHUNK_BYTES, vec![1]),
            (CHUNK_BYTES, CHUNK_BYTES, vec![CHUNK_BYTES]),
            (
                CHUNK_BYTES * 2 + 7,
                CHUNK_BYTES,
                vec![CHUNK_BYTES, CHUNK_BYTES, 7],
            ),
            (CHUNK_BYTES, LARGE_CHUNK_BYTES, vec![CHUNK_BYTES]),
            (
                LARGE_CHUNK_BYTES + 7,
                LARGE_CHUNK_BYTES,
                vec![LARGE_CHUNK_BYTES, 7],
            ),
        ] {
            let document = document(size);
            let chunks = Chunks::of(&document, each, digests(sizes.len())).unwrap();
            let told: Vec<_> = chunks.list().iter().map(|c| c.size_bytes).collect();
            assert_eq!(told, sizes);
            assert_eq!(chunks.chunk_bytes(), each);
            for chunk in chunks.list() {
                let key = format!("chunks/{}/{}", document.id, chunk.sha256);
                assert_eq!(chunks.key(chunk), key);
            }
        }
    }

    #[test]
    fn a_list_that_can_not_be_this_documents_is_refused_with_the_field_that_is_wrong() {
        let three = document(CHUNK_BYTES * 2 + 1);
        for (each, count) in [(0, 0), (1, 131_073), (CHUNK_BYTES * 2, 2), (u64::MAX, 1)] {
            let size = Chunks::of(&three, each, digests(count));
            assert_eq!(field(size), "chunks.size", "{each}");
        }
        for count in [0, 2, 4] {
            let list = Chunks::of(&three, CHUNK_BYTES, digests(count));
            assert_eq!(field(list), "chunks.sha256");
        }
        let mut short = digests(3);
        short[1] = Sha256::new("ab").unwrap();
        assert_eq!(
            field(Chunks::of(&three, CHUNK_BYTES, short)),
            "chunks.sha256"
        );
    }

    #[test]
    fn the_largest_document_has_no_more_chunks_than_one_listing_of_storage_tells() {
        const LISTED_AT_ONCE: u64 = 1_000;
        for size in CHUNK_SIZES {
            assert!(crate::document::SIZE_MAX_BYTES.div_ceil(size) <= LISTED_AT_ONCE);
        }
    }
}
