// Trying again: soon a few times, then later and later, at once when the network is back.

import { jitter } from '../poll.js';

/** A link that breaks all the time is back in a second or two, and whoever idles meanwhile meets one more break. */
const SOON_MS = 400;
const SOON_TRIES = 8;
const LAST_MS = 15_000;

/** Waits before try number `tries` (from 1). */
export function backoff(tries, signal) {
  const ms = jitter(Math.min(SOON_MS * 2 ** Math.max(tries - SOON_TRIES, 0), LAST_MS));
  return new Promise((resolve, reject) => {
    const done = (settle) => (value) => {
      clearTimeout(timer);
      removeEventListener('online', onward);
      signal.removeEventListener('abort', stop);
      settle(value);
    };
    const onward = done(resolve);
    const stop = done(() => reject(signal.reason));
    const timer = setTimeout(onward, ms);
    addEventListener('online', onward);
    signal.addEventListener('abort', stop);
  });
}

/** Does it until it succeeds; a failure that will not pass is thrown. `waiting` hears of each wait. */
export async function untilDone(act, { signal, waiting = () => {} }) {
  for (let tries = 1; ; tries += 1) {
    signal.throwIfAborted();
    try {
      return await act(tries);
    } catch (error) {
      if (signal.aborted || !error.passing) throw error;
      waiting(true);
      await backoff(tries, signal);
      waiting(false);
    }
  }
}
