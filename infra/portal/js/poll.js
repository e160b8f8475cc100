// Looking again, politely: soon at first, then less and less often; not at all while nobody looks at the page.

const FIRST_MS = 700;
const LAST_MS = 15_000;
const GROWTH = 1.4;
/** However far away something is, so often it is looked at: the wait may turn out shorter. */
const MOST_MS = 60_000;

/** A wait that ends early when the page is left. */
export function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** Until the page is looked at. */
export function visible(signal) {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const seen = () => !document.hidden && resolve();
    document.addEventListener('visibilitychange', seen, { signal });
    signal?.addEventListener('abort', () => reject(signal.reason));
  });
}

/** With some chance in it, so that thousands who were cut off together do not come back together. */
export const jitter = (ms) => ms * (0.75 + Math.random() / 2);

/**
 * Looks until `look` says that it is done (true). A number of milliseconds says that nothing can change sooner. A failure
 * that may pass only makes the next look later; `failed` hears of it.
 */
export async function poll(look, { signal, failed = () => {} }) {
  let wait = FIRST_MS;
  for (;;) {
    try {
      await visible(signal);
      const said = await look();
      if (said === true) return;
      wait = Math.max(Math.min(wait * GROWTH, LAST_MS), Math.min(Number(said) || 0, MOST_MS));
    } catch (error) {
      if (signal.aborted) return;
      failed(error);
      if (!error.passing) return;
      wait = Math.max(Math.min(wait * 2, LAST_MS), (error.retryAfterS ?? 0) * 1000);
    }
    try {
      await pause(jitter(wait), signal);
    } catch {
      return;
    }
  }
}
