//! Files that come in chunks: which have come, links for the rest, and the file put together.
//!
//! Chunks are raw material. Only the upload made of them can be accepted, by the same path as a file that came whole.

use crate::{Desk, error::Error};
use bubuh_core::{
    chunks::{Chunk, Chunks},
    document::Document,
    id::Sha256,
};
use bubuh_store::files::Link;
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeSet;

/// Links in one answer: 4 MiB of small chunks, two minutes of a bad link. Each question repeats the list, so they should be few.
const LINKS_AT_ONCE: usize = 64;
/// Chunks read at a time when the file is put together.
const READ_AT_ONCE: usize = 16;

/// How far an upload in chunks has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Bytes of every chunk but the last.
    pub chunk_bytes: u64,
    /// Chunks of the file.
    pub count: usize,
    /// Those that have come, from 0.
    pub present: Vec<usize>,
    /// Links for the next ones that have not.
    pub links: Vec<(usize, Link)>,
}

impl Desk {
    /// How far an upload in chunks has come; `None` once a file was accepted.
    ///
    /// # Errors
    /// Storage's.
    pub async fn sent(&self, document: &Document, chunks: &Chunks) -> Result<Option<Sent>, Error> {
        if !document.expects_file() {
            return Ok(None);
        }
        let mut known = self.files.chunks_there(document.id).await?;
        let (present, missing): (Vec<_>, Vec<_>) = chunks
            .list()
            .iter()
            .partition(|chunk| known.contains(&chunk.sha256));
        let mut links = Vec::new();
        for chunk in missing {
            // The same content twice is one object: it is sent once.
            if links.len() < LINKS_AT_ONCE && known.insert(chunk.sha256.clone()) {
                links.push((chunk.index, self.files.chunk_link(chunks, chunk).await?));
            }
        }
        Ok(Some(Sent {
            chunk_bytes: chunks.chunk_bytes(),
            count: chunks.list().len(),
            present: present.iter().map(|chunk| chunk.index).collect(),
            links,
        }))
    }

    /// Puts a file together of its chunks and stores it as the document's upload, once: storage announces it then as it
    /// does any upload. Of a document whose file was accepted, nothing is read or stored.
    ///
    /// # Errors
    /// [`Error::ChunksMissing`], [`Error::ChunksDiffer`]; storage's. It may be called again.
    pub async fn assemble(&self, document: &Document, chunks: &Chunks) -> Result<(), Error> {
        if !document.expects_file() {
            return Ok(());
        }
        if self.uploaded(document).await? {
            return Ok(());
        }
        let known = self.files.chunks_there(document.id).await?;
        complete(chunks, &known)?;
        let size = usize::try_from(document.size_bytes).unwrap_or_default();
        let file = stream::iter(chunks.list().to_vec())
            .map(|chunk| self.read(chunks, chunk))
            .buffered(READ_AT_ONCE)
            .try_fold(Vec::with_capacity(size), |mut file, chunk| async move {
                file.extend_from_slice(&chunk);
                Ok(file)
            })
            .await?;
        if file.len() != size || Sha256::of(&file) != document.sha256 {
            return Err(Error::ChunksDiffer);
        }
        self.files.store_upload(document.id, file).await?;
        Ok(())
    }

    async fn uploaded(&self, document: &Document) -> Result<bool, Error> {
        let key = Document::source_key(document.id);
        Ok(self.files.newest_upload(&key).await?.is_some())
    }

    async fn read(&self, chunks: &Chunks, chunk: Chunk) -> Result<Vec<u8>, Error> {
        let found = self.files.chunk(chunks, &chunk).await?;
        found.ok_or(Error::ChunksMissing {
            missing: 1,
            count: chunks.list().len(),
            first: chunk.index,
        })
    }
}

fn complete(chunks: &Chunks, known: &BTreeSet<Sha256>) -> Result<(), Error> {
    let list = chunks.list().iter();
    let missing: Vec<_> = list
        .filter(|chunk| !known.contains(&chunk.sha256))
        .collect();
    match missing.first() {
        None => Ok(()),
        Some(first) => Err(Error::ChunksMissing {
            missing: missing.len(),
            count: chunks.list().len(),
            first: first.index,
        }),
    }
}
