//! Uploads in chunks, as `upload` and `complete` take and tell them.

use crate::view::DocumentView;
use bubuh_core::{
    chunks::{CHUNK_SIZES, Chunks},
    document::Document,
    id::Sha256,
};
use bubuh_edge::Problem;
use bubuh_steps::assemble::Sent;
use bubuh_store::files::Link;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the file comes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Upload")]
pub(crate) struct Wanted {
    /// In pieces, for a bad link; as a whole without it.
    chunks: Option<List>,
}

/// The whole file's chunks in their order; the same each time, so that the requests may be repeated.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ChunkList")]
struct List {
    /// Bytes of every chunk but the last: 64 KiB on a bad link, 1 MiB on a good one. What came in chunks of one size is of
    /// no use in the other.
    #[schemars(extend("enum" = CHUNK_SIZES))]
    size: u64,
    /// The digest of each.
    sha256: Vec<Sha256>,
}

impl Wanted {
    /// The document's chunks; `None` when its file comes as a whole.
    pub(crate) fn chunks(
        wanted: Option<Self>,
        document: &Document,
    ) -> Result<Option<Chunks>, Problem> {
        let list = wanted.and_then(|wanted| wanted.chunks);
        let chunks = list.map(|list| Chunks::of(document, list.size, list.sha256));
        Ok(chunks.transpose()?)
    }
}

/// A document whose file is on its way.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Uploading {
    #[serde(flatten)]
    document: DocumentView,
    #[serde(skip_serializing_if = "Option::is_none")]
    chunks: Option<ChunksView>,
}

/// How far the chunks have come.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Chunks")]
struct ChunksView {
    /// The digest that was announced, so that another file than that is not sent in vain.
    file_sha256: Sha256,
    /// Bytes of every chunk but the last.
    size: u64,
    count: usize,
    /// The chunks that have come, from 0.
    present: Vec<usize>,
    /// Links for the next that have not; ask again for those after them.
    links: Vec<ChunkLink>,
}

/// Where one chunk goes.
#[derive(Serialize, JsonSchema)]
struct ChunkLink {
    index: usize,
    #[serde(flatten)]
    link: Link,
}

impl Uploading {
    pub(crate) fn new(view: DocumentView, document: &Document, sent: Option<Sent>) -> Self {
        let chunks = sent.map(|sent| ChunksView {
            file_sha256: document.sha256.clone(),
            size: sent.chunk_bytes,
            count: sent.count,
            present: sent.present,
            links: sent
                .links
                .into_iter()
                .map(|(index, link)| ChunkLink { index, link })
                .collect(),
        });
        Self {
            document: view,
            chunks,
        }
    }
}
