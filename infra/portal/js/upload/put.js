// One signed upload. `fetch` tells no progress of what it sends, so this is an XMLHttpRequest.

/** Without a sign of life for so long, a connection is given up. */
const SILENCE_MS = 20_000;

/** The connection broke, or storage was too busy. */
export class Broken extends Error {
  passing = true;
}

/** The link is no longer good. */
export class Stale extends Error {}

/** Sends a blob to a link. What is there already is done: nothing is sent twice. */
export function put(link, blob, { signal, progress = () => {} }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let watch;
    const alive = () => {
      clearTimeout(watch);
      watch = setTimeout(() => request.abort(), SILENCE_MS);
    };
    const end = (settle, value) => {
      clearTimeout(watch);
      signal?.removeEventListener('abort', stop);
      settle(value);
    };
    const stop = () => request.abort();
    signal?.addEventListener('abort', stop);
    request.upload.onprogress = (event) => {
      alive();
      progress(event.loaded);
    };
    request.onload = () => {
      const { status } = request;
      if ((status >= 200 && status < 300) || status === 412) return end(resolve);
      // Storage says 400 or 403 of a link that has run out, 409 of two at once.
      if (status === 403 || status === 400) return end(reject, new Stale(`storage ${status}`));
      end(reject, new Broken(`storage ${status}`));
    };
    request.onerror = () => end(reject, new Broken('cut off'));
    request.onabort = () => end(reject, signal?.aborted ? signal.reason : new Broken('silent'));
    request.open(link.method, link.url);
    for (const [name, value] of Object.entries(link.headers)) request.setRequestHeader(name, value);
    alive();
    request.send(blob);
  });
}
