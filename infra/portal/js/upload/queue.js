// The uploads of this device: one after the other, in one tab at a time, going on by themselves after a reload.

import { account, onchange } from '../session.js';
import { dropUpload, keepUpload, uploads } from '../store.js';

const listeners = new Set();
/** What is known beyond the kept rows: progress, waits, failures. */
const live = new Map();
let current = null;
let running = false;

/** Calls back at every change; gives what ends that. */
export function onuploads(listener, signal) {
  listeners.add(listener);
  signal?.addEventListener('abort', () => listeners.delete(listener));
}

function changed() {
  for (const listener of listeners) listener();
}

function tell(id, news) {
  live.set(id, { ...live.get(id), ...news });
  changed();
}

/** The caller's uploads that are not done, with their progress. */
export async function pending() {
  const rows = await uploads();
  return rows.filter((row) => row.account === account()).map((row) => ({ ...row, ...live.get(row.id) }));
}

/** Takes files in. Each is kept with its idempotency key before anything is sent. */
export async function submit(files) {
  for (const { file, document_type, page, rect, deadline, chunked } of files) {
    const { name, size } = file;
    const row = { id: crypto.randomUUID(), account: account(), at_ms: Date.now(), file, name, size, document_type, page, rect, deadline, chunked };
    await keepUpload(row);
  }
  changed();
  run();
}

export async function pauseUpload(id) {
  await change(id, { paused: true });
  if (current?.id === id) current.stop.abort();
}

export async function resumeUpload(id) {
  live.delete(id);
  await change(id, { paused: false });
  run();
}

/** Forgets an upload; its document, if it was announced, is closed by the service. */
export async function dropFromQueue(id) {
  await dropUpload(id);
  if (current?.id === id) current.stop.abort();
  live.delete(id);
  changed();
}

async function change(id, to) {
  const row = (await uploads()).find((row) => row.id === id);
  if (row) await keepUpload({ ...row, ...to });
  changed();
}

const next = async () => (await pending()).find((row) => !row.paused && !row.failed);

/** Goes on with what is to be sent. */
export async function run() {
  if (running || !account()) return;
  running = true;
  try {
    // Two tabs would send everything twice.
    await navigator.locks.request('bubuh.uploads', async () => {
      for (let row = await next(); row; row = await next()) await one(row.id);
    });
  } finally {
    running = false;
  }
}

async function one(id) {
  const row = (await uploads()).find((row) => row.id === id);
  if (!row) return;
  const stop = new AbortController();
  current = { id, stop };
  const save = async () => {
    stop.signal.throwIfAborted();
    await keepUpload(row);
    changed();
  };
  try {
    const { send } = await import('./send.js');
    await send(row, { signal: stop.signal, save, tell: (news) => tell(id, news) });
    await dropUpload(id);
    live.delete(id);
    for (const listener of listeners) listener(row);
  } catch (error) {
    if (!stop.signal.aborted) tell(id, { failed: error, waits: false });
    else tell(id, { waits: false });
  } finally {
    current = null;
    changed();
  }
}

onchange(() => {
  current?.stop.abort();
  run();
});
