// A bad signal: the network goes in the middle, the page is closed, the phone is another one. Nothing is sent twice.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { browser, buy, device, pdf, PORTAL, shot, signIn } from './world.mjs';

const CHUNK_BYTES = 64 * 1024;
const LARGE_BYTES = 1024 * 1024;
let chromium;
before(async () => (chromium = await browser()));
after(() => chromium.close());

/** Chunks that storage took, by name, from all pages of a context. */
function chunksTaken(context) {
  const taken = [];
  context.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (response.request().method() === 'PUT' && response.ok()) taken.push(pathname);
  });
  return taken;
}

/** A link of so many bytes a second, until it is told otherwise. */
async function link(page, bytesPerS) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const now = (offline) =>
    session.send('Network.emulateNetworkConditions', { offline, latency: 60, downloadThroughput: bytesPerS * 2, uploadThroughput: bytesPerS });
  await now(false);
  return { cut: () => now(true), mend: () => now(false) };
}

async function begin(page, file) {
  await page.goto(`${PORTAL}/#/bubuhkan`);
  await page.getByLabel('Pilih berkas PDF').setInputFiles(file);
  await page.getByLabel(/Sinyal saya buruk/).check();
  await page.getByRole('button', { name: 'Kirim 1 berkas' }).click();
}

/** Somebody with a stamp, and a file under way on a slow link, of which so many chunks have come. */
async function begun(chunks) {
  const context = await device(chromium);
  const page = await context.newPage();
  const taken = chunksTaken(context);
  const name = await signIn(page);
  await buy(page);
  const signal = await link(page, 200_000);
  const file = pdf('surat.pdf', 900_000);
  await begin(page, file);
  await until(() => taken.length >= chunks);
  return { context, page, taken, name, signal, file };
}

async function until(what) {
  for (let tries = 0; tries < 600; tries += 1) {
    if (what()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail('it took too long');
}

/** Each chunk was taken once; of so many nobody but storage may know. */
const once = (taken, file, unseen = 1, chunkBytes = CHUNK_BYTES) => {
  const chunks = taken.filter((path) => path.includes('/chunks/'));
  assert.equal(new Set(chunks).size, chunks.length, 'no chunk was taken twice');
  const whole = Math.ceil(file.buffer.length / chunkBytes);
  assert.ok(chunks.length <= whole && chunks.length >= whole - unseen, `${chunks.length} of ${whole}`);
};

test('an upload that loses the network in the middle goes on by itself and ends stamped', async () => {
  const { context, page, taken, signal, file } = await begun(4);
  await signal.cut();
  await page.getByText('Jaringan terputus').waitFor();
  await shot(page, 'cut-off');
  const before = taken.length;
  await page.waitForTimeout(2_000);
  assert.equal(taken.length, before, 'nothing goes through');
  await signal.mend();
  await page.getByRole('button', { name: 'Unduh PDF bermeterai' }).waitFor();
  once(taken, file);
  await context.close();
});

test('an upload whose page was closed in the middle goes on when the portal is opened again', async () => {
  const { context, page: closed, taken, file } = await begun(4);
  await closed.close();
  const before = taken.length;
  assert.ok(before < Math.ceil(file.buffer.length / CHUNK_BYTES), 'it was not done yet');
  const page = await context.newPage();
  await page.goto(`${PORTAL}/#/meterai`);
  await page.getByRole('link', { name: 'surat.pdf' }).click();
  await page.getByRole('button', { name: 'Unduh PDF bermeterai' }).waitFor();
  // The one under way when the page was closed, and one whose answer had just come.
  once(taken, file, 2);
  await context.close();
});

test('a file that was begun on one device is ended on another by choosing it again', async () => {
  const { context: first, taken, name, file } = await begun(4);
  await first.close();
  const second = await device(chromium);
  const rest = chunksTaken(second);
  const page = await second.newPage();
  await signIn(page, name);
  await page.goto(`${PORTAL}/#/meterai`);
  await page.getByRole('link', { name: 'surat.pdf' }).click();
  await page.getByLabel('Pilih berkas yang sama').setInputFiles({ ...file, buffer: pdf('lain.pdf', 900_000).buffer });
  await page.getByText('bukan berkas yang sama').waitFor();
  await page.getByLabel('Pilih berkas yang sama').setInputFiles(file);
  await page.getByRole('button', { name: 'Unduh PDF bermeterai' }).waitFor();
  once([...taken, ...rest], file);
  await second.close();
});

/** Somebody with a stamp, who sends a large file on what looks like a good link. */
async function large() {
  const context = await device(chromium);
  const page = await context.newPage();
  const taken = chunksTaken(context);
  const name = await signIn(page);
  await buy(page);
  const file = pdf('pindaian.pdf', 6_500_000);
  const send = async () => {
    await page.goto(`${PORTAL}/#/bubuhkan`);
    await page.getByLabel('Pilih berkas PDF').setInputFiles(file);
    await page.getByRole('button', { name: 'Kirim 1 berkas' }).click();
  };
  return { context, page, taken, name, file, send };
}

test('a large file goes up in pieces of a megabyte on a good link: a break costs one of them, on any device', async () => {
  const { context, page, taken, name, file, send } = await large();
  const signal = await link(page, 1_500_000);
  await send();
  await until(() => taken.length >= 2);
  await signal.cut();
  await page.getByText('Jaringan terputus').waitFor();
  await signal.mend();
  await until(() => taken.length >= 4);
  await context.close();
  const second = await device(chromium);
  const rest = chunksTaken(second);
  const other = await second.newPage();
  await signIn(other, name);
  await other.goto(`${PORTAL}/#/meterai`);
  await other.getByRole('link', { name: 'pindaian.pdf' }).click();
  await other.getByLabel('Pilih berkas yang sama').setInputFiles(file);
  await other.getByRole('button', { name: 'Unduh PDF bermeterai' }).waitFor();
  assert.ok(rest.length >= 1, 'it was not done yet');
  once([...taken, ...rest], file, 2, LARGE_BYTES);
  await second.close();
});

test('a link that is too bad for a megabyte at a time goes on with small pieces by itself', async () => {
  const { context, page, taken, file, send } = await large();
  const digests = new Set();
  for (let at = 0; at < file.buffer.length; at += LARGE_BYTES) {
    digests.add(createHash('sha256').update(file.buffer.subarray(at, at + LARGE_BYTES)).digest('hex'));
  }
  const tries = [];
  await context.route('**/chunks/**', (route) => {
    const digest = new URL(route.request().url()).pathname.split('/').pop();
    if (!digests.has(digest)) return route.continue();
    tries.push(digest);
    // The first gets through, after that the link is bad.
    return tries.length === 1 ? route.continue() : route.abort('connectionreset');
  });
  await send();
  await page.getByRole('button', { name: 'Unduh PDF bermeterai' }).waitFor();
  assert.ok(tries.length >= 3 && tries.length <= 6, `${tries.length}`);
  const small = taken.filter((path) => !digests.has(path.split('/').pop()));
  once(small, file);
  await context.close();
});

test('a paused upload stays where it is until it is resumed', async () => {
  const { context, page, taken, file } = await begun(3);
  await page.getByRole('button', { name: 'Jeda surat.pdf' }).click();
  await page.getByText('Dijeda').waitFor();
  await shot(page, 'paused');
  const before = taken.length;
  await page.waitForTimeout(2_000);
  assert.ok(taken.length <= before + 1);
  await page.getByRole('button', { name: 'Lanjutkan surat.pdf' }).click();
  await page.getByRole('button', { name: 'Unduh PDF bermeterai' }).waitFor();
  await context.close();
});
