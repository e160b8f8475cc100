// The service's own verifier, compiled to WebAssembly. The file stays in this page's memory.

import { config } from './session.js';

let loaded;

/** A function from a file's bytes to the verifier's report. */
export function verifier() {
  loaded ??= load();
  loaded.catch(() => (loaded = undefined));
  return loaded;
}

async function load() {
  const [{ instance }, { roots }] = await Promise.all([
    WebAssembly.instantiateStreaming(fetch('/vendor/verifier.wasm'), {}),
    config(),
  ]);
  const { memory, file, trust, verify, report } = instance.exports;
  const write = (room, bytes) => {
    const at = room(bytes.length); // memory may grow here, so its buffer is taken after
    new Uint8Array(memory.buffer, at, bytes.length).set(bytes);
  };
  return (bytes) => {
    write(trust, new TextEncoder().encode(JSON.stringify(roots)));
    write(file, bytes);
    const size = verify();
    if (size === 0) throw new Error('no roots');
    const at = report();
    return JSON.parse(new TextDecoder().decode(new Uint8Array(memory.buffer, at, size)));
  };
}
