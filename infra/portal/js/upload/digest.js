// SHA-256 of a file and of its chunks.

/** Bytes of every chunk but the last, as the service takes them: on a bad link, and on a good one. */
export const SMALL_BYTES = 64 * 1024;
export const LARGE_BYTES = 1024 * 1024;
/** From here on a file goes up in large chunks on a good link: a break costs one of them, not the file. */
export const LARGE_FROM_BYTES = 5 * LARGE_BYTES;

async function sha256(blob) {
  const digest = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export const ofFile = sha256;

export const chunk = (file, index, bytes) => file.slice(index * bytes, (index + 1) * bytes);

/** The digests of a file's chunks, in order. */
export async function ofChunks(file, bytes) {
  const digests = [];
  for (let from = 0; from < file.size; from += bytes) {
    digests.push(await sha256(file.slice(from, from + bytes)));
  }
  return digests;
}
