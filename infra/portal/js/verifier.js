// The service's own stamp engine, compiled to WebAssembly: it verifies a file, and looks at one before it is sent. The file
// stays in this page's memory.

import { config } from './session.js';

let loaded;

function engine() {
  loaded ??= load();
  loaded.catch(() => (loaded = undefined));
  return loaded;
}

/** The verifier's report on a file. */
export async function verified(file) {
  const [ask, { roots }] = await Promise.all([engine(), config()]);
  const report = ask('verify', await file.arrayBuffer(), roots);
  if (!report) throw new Error('no roots');
  return report;
}

/** What the service will say of a file that is to be stamped at `place`: `{ fits }` or `{ refused }`. */
export async function examined(file, place) {
  const ask = await engine();
  return ask('examine', await file.arrayBuffer(), place);
}

async function load() {
  const { instance } = await WebAssembly.instantiateStreaming(fetch('/vendor/verifier.wasm'), {});
  const { memory, file, terms, report, ...calls } = instance.exports;
  const write = (room, bytes) => {
    const at = room(bytes.length); // memory may grow here, so its buffer is taken after
    new Uint8Array(memory.buffer, at, bytes.length).set(bytes);
  };
  return (call, bytes, said) => {
    write(terms, new TextEncoder().encode(JSON.stringify(said)));
    write(file, new Uint8Array(bytes));
    const size = calls[call]();
    return size ? JSON.parse(new TextDecoder().decode(new Uint8Array(memory.buffer, report(), size))) : undefined;
  };
}
