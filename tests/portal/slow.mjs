// How much of a 10 MB file is sent over a 256 kbit/s link that breaks every 20 s: `node slow.mjs`, some seven minutes.
// The link is a proxy between the browser and both the portal and storage, which counts what crosses it upwards.

import assert from 'node:assert/strict';
import net from 'node:net';
import { chromium } from 'playwright-core';
import { ARGS, buy, device, executablePath, pdf, PORTAL, signIn } from './world.mjs';

const FILE_BYTES = 10 * 1000 * 1000;
const UP_BYTES_PER_S = 256_000 / 8;
const BREAKS_EVERY_MS = 20_000;
const BROKEN_MS = 2_000;
const SENT_MOST = 1.1;
const TICK_MS = 20;

const sockets = new Set();
let broken = false;
let slow = false;
let sent = 0;
let breaks = 0;

/** A port that leads to `port`, by the link. */
function link(port) {
  const server = net.createServer((near) => {
    if (broken) return near.destroy();
    const far = net.connect(port, '127.0.0.1');
    near.pause();
    sockets.add(near);
    const end = () => {
      sockets.delete(near);
      near.destroy();
      far.destroy();
    };
    for (const side of [near, far]) side.on('error', end).on('close', end);
    far.on('data', (bytes) => near.write(bytes)); // downwards hardly anything comes
    near.up = (most) => {
      const bytes = near.read(Math.min(most, near.readableLength)) ?? Buffer.alloc(0);
      if (bytes.length) far.write(bytes);
      return bytes.length;
    };
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

let ticked = Date.now();
setInterval(() => {
  // By the clock, as ticks are late on a busy machine.
  const passed = Math.min(Date.now() - ticked, 1_000);
  ticked = Date.now();
  let budget = slow ? (UP_BYTES_PER_S * passed) / 1000 : Infinity;
  for (const socket of sockets) {
    if (budget <= 0) break;
    const crossed = socket.up(Math.floor(budget));
    sent += crossed;
    budget -= crossed;
  }
}, TICK_MS).unref();

const policy = (await fetch(PORTAL)).headers.get('content-security-policy');
const storage = policy.match(/connect-src 'self' (\S+)/)[1];
const ports = [new URL(PORTAL).port, new URL(storage).port];
const links = await Promise.all(ports.map((port) => link(Number(port))));
const rules = ports.map((port, n) => `MAP 127.0.0.1:${port} 127.0.0.1:${links[n].address().port}`).join(',');
const started = await chromium.launch({ executablePath, headless: true, args: [...ARGS, `--host-resolver-rules=${rules}`] });
const context = await device(started);
const page = await context.newPage();
await signIn(page);
await buy(page);
await page.goto(`${PORTAL}/#/bubuhkan`);
const file = pdf('pindaian.pdf', FILE_BYTES);
await page.getByLabel('Pilih berkas PDF').setInputFiles(file);
await page.getByLabel(/Sinyal saya buruk/).check();
assert.ok(sent > 0, 'the browser is behind the link');
sent = 0;
slow = true;
const begun = Date.now();
const breaking = setInterval(() => {
  broken = true;
  breaks += 1;
  for (const socket of sockets) socket.destroy();
  setTimeout(() => (broken = false), BROKEN_MS);
}, BREAKS_EVERY_MS);
await page.getByRole('button', { name: 'Kirim 1 berkas' }).click();
setInterval(async () => console.log(`${Math.round((Date.now() - begun) / 1000)} s: ${sent} bytes; ${(await page.locator('.line .hint').first().textContent({ timeout: 1_000 }).catch(() => ''))}`), 30_000).unref();
await page.getByRole('button', { name: 'Unduh PDF bermeterai' }).waitFor({ timeout: 20 * 60_000 });
clearInterval(breaking);
const share = sent / file.buffer.length;
console.log(`${file.buffer.length} bytes, ${breaks} breaks, ${((Date.now() - begun) / 1000).toFixed(0)} s, sent ${sent} bytes: ${(share * 100).toFixed(1)} %`);
await started.close();
for (const server of links) server.close();
assert.ok(share < SENT_MOST, `${share}`);
process.exit(0);
