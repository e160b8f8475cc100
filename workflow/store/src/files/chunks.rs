//! Chunks of files that come over a bad link, beside the uploads that are made of them.

use super::{Files, Link, Stored};
use crate::error::{Error, classify};
use bubuh_core::{
    chunks::{Chunk, Chunks},
    document::Document,
    id::{DocumentId, Sha256},
};
use std::collections::BTreeSet;

impl Files {
    /// A link to send one chunk: as for a whole upload, length, digest and "nothing there yet" are signed.
    ///
    /// # Errors
    /// As [`Files::upload_link`].
    pub async fn chunk_link(&self, chunks: &Chunks, chunk: &Chunk) -> Result<Link, Error> {
        self.upload_link(&chunks.key(chunk), chunk.size_bytes, &chunk.sha256)
            .await
    }

    /// The digests of a document's chunks that are stored. What is not a digest is none of ours.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn chunks_there(&self, document: DocumentId) -> Result<BTreeSet<Sha256>, Error> {
        let prefix = Chunks::prefix(document);
        let listed = self
            .client
            .list_objects_v2()
            .bucket(&self.uploads)
            .prefix(&prefix)
            .send()
            .await
            .map_err(|e| classify("list chunks", &e))?;
        let keys = listed.contents().iter().filter_map(|object| object.key());
        let digests = keys.filter_map(|key| key.strip_prefix(&prefix));
        Ok(digests.filter_map(|text| Sha256::new(text).ok()).collect())
    }

    /// One chunk. `None`: it is not there.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn chunk(&self, chunks: &Chunks, chunk: &Chunk) -> Result<Option<Vec<u8>>, Error> {
        self.whole(&self.uploads, &chunks.key(chunk), None).await
    }

    /// Stores a document's upload, put together of its chunks, once: what is there first stays.
    ///
    /// # Errors
    /// As [`Files::store`].
    pub async fn store_upload(&self, id: DocumentId, bytes: Vec<u8>) -> Result<Stored, Error> {
        let key = Document::source_key(id);
        self.put_once(&self.uploads, &key, bytes, "application/pdf")
            .await
    }
}
