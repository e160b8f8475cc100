// A person who was never here before, by what is to be seen on the pages only.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { browser, buy, complaints, device, judged, pdf, PORTAL, shot, signIn, VERIFIER } from './world.mjs';

const ACTIONS_MOST = 12;
let chromium;
before(async () => (chromium = await browser()));
after(() => chromium.close());

test('a first-time visitor has a verified stamped PDF after at most twelve actions', async () => {
  const context = await device(chromium);
  const page = await context.newPage();
  const heard = complaints(page);
  await page.goto(PORTAL);
  let actions = 0;
  const press = async (role, name) => {
    actions += 1;
    await page.getByRole('main').getByRole(role, { name, exact: true }).click();
  };
  const choose = async (name, file) => {
    actions += 1;
    await page.getByLabel(name).setInputFiles(file);
  };
  const letter = pdf('surat.pdf');
  await press('link', 'Bubuhkan meterai');
  await press('button', 'Masuk');
  await choose('Pilih berkas PDF', letter);
  await press('button', 'Kirim 1 berkas');
  await page.getByRole('main').getByText('Menunggu meterai').waitFor();
  await shot(page, 'journey-waits');
  await press('link', 'Beli meterai');
  await press('button', 'Buat pesanan');
  await page.getByRole('img', { name: /Kode QRIS/ }).waitFor();
  await shot(page, 'journey-qris');
  await press('button', 'Bayar sekarang (contoh)');
  await press('link', 'Lihat dokumen yang menunggu');
  const [download] = await Promise.all([page.waitForEvent('download'), press('button', 'Unduh PDF bermeterai')]);
  await shot(page, 'journey-done');
  const stamped = readFileSync(await download.path());
  assert.ok(stamped.subarray(0, letter.buffer.length).equals(letter.buffer), 'the file begins with what was sent');
  await press('link', 'Periksa berkas ini');
  await choose('Pilih PDF untuk diperiksa', { name: 'surat-bermeterai.pdf', mimeType: 'application/pdf', buffer: stamped });
  await judged(page);
  if (VERIFIER) {
    await page.getByRole('heading', { name: 'Sah', exact: true }).waitFor();
    await page.getByText('Ya, inilah berkas yang tercatat').waitFor();
  }
  await shot(page, 'journey-verified');
  console.log(`start page to verified file: ${actions} actions`);
  assert.ok(actions <= ACTIONS_MOST, `${actions} actions`);
  assert.deepEqual(heard, []);
  await context.close();
});

test('one changed byte of a stamped file is seen by the verifier in the browser', { skip: !VERIFIER }, async () => {
  const context = await device(chromium);
  const page = await context.newPage();
  await signIn(page);
  await buy(page);
  await page.getByRole('link', { name: 'Bubuhkan meterai' }).click();
  await page.getByLabel('Pilih berkas PDF').setInputFiles(pdf('surat.pdf'));
  await page.getByRole('button', { name: 'Kirim 1 berkas' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Unduh PDF bermeterai' }).click()]);
  const changed = readFileSync(await download.path());
  changed[changed.indexOf('menyatakan')] ^= 1;
  await page.goto(`${PORTAL}/#/periksa`);
  await page.getByLabel('Pilih PDF untuk diperiksa').setInputFiles({ name: 'diubah.pdf', mimeType: 'application/pdf', buffer: changed });
  await page.getByRole('heading', { name: 'Tidak sah', exact: true }).waitFor();
  await page.getByText('isi dokumen telah diubah setelah dibubuhi').waitFor();
  await context.close();
});

test('all that is known of a person is theirs as one file', async () => {
  const context = await device(chromium);
  const page = await context.newPage();
  const name = await signIn(page);
  await buy(page);
  await page.goto(`${PORTAL}/#/bubuhkan`);
  await page.getByLabel('Pilih berkas PDF').setInputFiles(pdf('surat.pdf'));
  await page.getByRole('button', { name: 'Kirim 1 berkas' }).click();
  await page.getByRole('button', { name: 'Unduh PDF bermeterai' }).waitFor();
  await page.goto(`${PORTAL}/#/meterai`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Unduh semua data saya' }).click()]);
  const text = readFileSync(await download.path(), 'utf8');
  const { account, stamps, orders, documents } = JSON.parse(text);
  assert.equal(account, name);
  assert.equal(stamps.stamped, 1);
  assert.equal(orders[0].payments.length, 1);
  assert.deepEqual(documents.map((document) => [document.name, document.state]), [['surat.pdf', 'stamped']]);
  assert.ok(!text.includes('X-Amz-Signature'), 'no link that opens a file');
  await context.close();
});

test('a file is looked at before it is sent: its size when stamped, or why it is refused', { skip: !VERIFIER }, async () => {
  const context = await device(chromium);
  const page = await context.newPage();
  await signIn(page);
  await page.goto(`${PORTAL}/#/bubuhkan`);
  const sent = [];
  page.on('request', (request) => request.method() !== 'GET' && request.url().includes('/v1/documents') && sent.push(request.url()));
  const locked = pdf('terkunci.pdf');
  locked.buffer = Buffer.from(locked.buffer.toString('latin1').replace('/Root', '/Encrypt 99 0 R /Root'), 'latin1');
  await page.getByLabel('Pilih berkas PDF').setInputFiles([pdf('surat.pdf'), locked]);
  await page.getByText(/sesudah dibubuhi paling besar \d+ kB/).waitFor();
  await page.getByText(/terkunci\.pdf tidak dapat dibubuhi\. \S+/).waitFor();
  await page.getByRole('button', { name: 'Kirim 1 berkas' }).waitFor();
  await shot(page, 'stamp-looked-at');
  assert.deepEqual(sent, []);
  await context.close();
});

test('a stamp goes where it was moved by the keyboard, and a time by which it is needed goes with it', async () => {
  const context = await device(chromium);
  const page = await context.newPage();
  await signIn(page);
  await page.goto(`${PORTAL}/#/bubuhkan`);
  await page.getByLabel('Pilih berkas PDF').setInputFiles(pdf('surat.pdf'));
  await page.getByRole('button', { name: /Atur tempat meterai/ }).click();
  const stamp = page.getByRole('button', { name: /^Meterai\./ });
  await stamp.waitFor();
  await page.getByText('mm dari kiri').waitFor();
  const before = await page.getByText('mm dari kiri').textContent();
  for (let n = 0; n < 3; n += 1) await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('ArrowLeft');
  assert.notEqual(await page.getByText('mm dari kiri').textContent(), before);
  await shot(page, 'placing');
  const box = await stamp.boundingBox();
  await page.mouse.move(box.x + 10, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x - 60, box.y - 40, { steps: 4 });
  await page.mouse.up();
  const chosen = await page.getByText('mm dari kiri').textContent();
  await page.getByRole('button', { name: 'Pakai tempat ini' }).click();
  await page.getByLabel('Dibutuhkan sebelum').fill('2030-01-02T09:30');
  const [announced] = await Promise.all([
    page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/v1/documents')),
    page.getByRole('button', { name: 'Kirim 1 berkas' }).click(),
  ]);
  const { page: number, rect, deadline } = announced.postDataJSON();
  assert.equal(new Date(deadline).getFullYear(), 2030);
  await page.getByText('Dibutuhkan sebelum', { exact: true }).waitFor();
  const [x, y] = chosen.match(/\d+/g).map(Number);
  assert.equal(number, 1);
  assert.equal(Math.round((rect[0] * 25.4) / 72), x);
  assert.equal(Math.round((rect[1] * 25.4) / 72), y);
  assert.equal(rect[2] - rect[0], 62);
  await context.close();
});

test('a refund is one button, a sentence that says what happens, and a yes', async () => {
  const context = await device(chromium);
  const page = await context.newPage();
  await signIn(page);
  await page.goto(`${PORTAL}/#/beli`);
  await page.getByRole('button', { name: 'Tambah satu' }).click();
  await page.getByText('Rp20.000').waitFor();
  await page.getByRole('button', { name: 'Buat pesanan' }).click();
  await page.getByRole('button', { name: 'Bayar sekarang (contoh)' }).click();
  await page.getByRole('button', { name: 'Kembalikan uang' }).click();
  await page.getByText('biasanya tiba dalam menit').first().waitFor();
  await shot(page, 'refund-asked');
  await page.getByRole('button', { name: 'Ya, lanjutkan' }).click();
  await page.getByText('Uang sudah dikembalikan utuh').waitFor();
  await shot(page, 'refund-done');
  await page.getByRole('link', { name: 'Meterai saya' }).click();
  await page.getByText('Dikembalikan').first().waitFor();
  await shot(page, 'mine');
  await context.close();
});
