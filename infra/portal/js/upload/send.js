// One file's way up: announced, sent whole on a good link or in chunks on a bad one, and completed.

import { get, post, Problem } from '../api.js';
import { config } from '../session.js';
import { chunk, LARGE_BYTES, LARGE_FROM_BYTES, ofChunks, ofFile, SMALL_BYTES } from './digest.js';
import { put, Stale } from './put.js';
import { untilDone } from './retry.js';

/** A file below this is sent whole on any link: it is hardly more than a chunk. */
const WHOLE_BELOW_BYTES = 4 * SMALL_BYTES;
/** So often in a row may a large chunk fail before the rest goes in small ones; more often once much has come. */
const LARGE_TRIES = 2;
const LARGE_TRIES_LATE = 4;
const MUCH = 0.1;
/** States in which the service still awaits the file. */
const AWAITS = ['awaiting_upload', 'abandoned'];

/** Whether the link looks bad: by what the browser knows, or as the last upload found. */
export function badLink() {
  const link = navigator.connection;
  return Boolean(link && (link.saveData || ['slow-2g', '2g', '3g'].includes(link.effectiveType)));
}

/**
 * Sends an upload of the store. `save` keeps the row at each step that must not be repeated; `tell` hears of progress.
 */
export async function send(row, { signal, save, tell }) {
  const steady = (act) => untilDone(act, { signal, waiting: (waits) => tell({ waits }) });
  if (!row.sha256) {
    tell({ step: 'hashing' });
    row.sha256 = await ofFile(row.file);
    await save();
  }
  if (!row.document) {
    tell({ step: 'announcing' });
    const { name, size, sha256, document_type, page, rect, deadline } = row;
    const wanted = { name, size, sha256, document_type, page, rect, deadline };
    // The key was kept before: the same document, however often this is sent.
    row.document = (await steady(() => post('/v1/documents', wanted, { key: row.id, signal }))).id;
    await save();
  }
  const path = `/v1/documents/${row.document}`;
  const document = await steady(() => get(path, { signal }));
  if (!AWAITS.includes(document.state)) return;
  tell({ step: 'sending' });
  row.chunk_bytes ??= row.chunked || badLink() ? SMALL_BYTES : LARGE_BYTES;
  if (!row.chunked && (row.size < WHOLE_BELOW_BYTES || (row.size < LARGE_FROM_BYTES && row.chunk_bytes === LARGE_BYTES))) {
    try {
      await whole(row, document.upload, { path, signal, tell });
      return;
    } catch (error) {
      if (signal.aborted || !error.passing) throw error;
      // The link broke under the whole file: from here on, little by little.
      row.chunked = row.size >= WHOLE_BELOW_BYTES;
      row.chunk_bytes = SMALL_BYTES;
      await save();
      if (!row.chunked) return send(row, { signal, save, tell });
    }
  }
  try {
    await inChunks(row, { path, steady, save, signal, tell });
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    row.chunk_bytes = SMALL_BYTES;
    row.chunks = null;
    await save();
    await inChunks(row, { path, steady, save, signal, tell });
  }
}

/** The link is too bad for large chunks. */
class TooLarge extends Error {}

async function whole(row, link, { path, signal, tell }) {
  const sent = (current) =>
    put(current, row.file, { signal, progress: (loaded) => tell({ sent: Math.min(loaded, row.size) }) });
  const small = row.size < WHOLE_BELOW_BYTES;
  const tries = (act) => (small ? untilDone(act, { signal, waiting: (waits) => tell({ waits }) }) : act());
  await tries(() => sent(link)).catch(async (error) => {
    if (!(error instanceof Stale)) throw error;
    await sent((await post(`${path}/upload`, undefined, { signal })).upload);
  });
  await untilDone(() => post(`${path}/complete`, undefined, { signal }), { signal });
}

async function inChunks(row, { path, steady, save, signal, tell }) {
  if (!row.chunks) {
    row.chunks = await ofChunks(row.file, row.chunk_bytes);
    row.chunked = true;
    await save();
  }
  const bytes = row.chunk_bytes;
  const body = { chunks: { size: bytes, sha256: row.chunks } };
  const nearest = await shortcut();
  for (;;) {
    const { chunks } = await steady(() => post(`${path}/upload`, body, { signal }));
    if (!chunks) return; // accepted meanwhile
    const present = new Set(chunks.present);
    const sentBytes = () => Math.min(present.size * bytes, row.size);
    tell({ sent: sentBytes() });
    try {
      for (const link of chunks.links) {
        const before = sentBytes();
        const progress = (loaded) => tell({ sent: Math.min(before + loaded, row.size) });
        const most = before > row.size * MUCH ? LARGE_TRIES_LATE : LARGE_TRIES;
        await steady((tries) => {
          if (bytes === LARGE_BYTES && tries > most) throw new TooLarge();
          return put(nearest(link), chunk(row.file, link.index, bytes), { signal, progress });
        });
        present.add(link.index);
        tell({ sent: sentBytes() });
      }
    } catch (error) {
      // Links run out while a phone sleeps: ask for fresh ones. What came has come.
      if (!(error instanceof Stale)) throw error;
      continue;
    }
    if (more(row, chunks, present)) continue;
    try {
      await steady(() => post(`${path}/complete`, body, { signal }));
      return;
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'chunks-missing') throw error;
    }
  }
}

/** Whether there are chunks that no link of this answer was for. The same content twice came at once. */
function more(row, chunks, present) {
  const come = new Set([...present].map((index) => row.chunks[index]));
  return row.chunks.some((digest) => !come.has(digest)) && chunks.links.length > 0;
}

/** Where the portal's own origin leads to storage, chunks go there: to another, a browser asks first, each time. */
async function shortcut() {
  const { chunks_same_origin } = await config().catch(() => ({})); // the links themselves do as well
  if (!chunks_same_origin) return (link) => link;
  return (link) => {
    const { pathname, search } = new URL(link.url);
    return { ...link, url: location.origin + pathname + search };
  };
}
