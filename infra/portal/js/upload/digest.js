// SHA-256 of a file and of its chunks.

/** Bytes of every chunk but the last, as the service wants them. */
export const CHUNK_BYTES = 64 * 1024;

async function sha256(blob) {
  const digest = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export const ofFile = sha256;

export const chunk = (file, index) => file.slice(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);

/** The digests of a file's chunks, in order. */
export async function ofChunks(file) {
  const digests = [];
  for (let from = 0; from < file.size; from += CHUNK_BYTES) {
    digests.push(await sha256(chunk(file, from / CHUNK_BYTES)));
  }
  return digests;
}
