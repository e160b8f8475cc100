// The operator's desk: what people must see to is seen and ended there, and nobody else comes in.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, complaints, device, judge, NARROW_PX, PORTAL, shot, signIn, somebody } from './world.mjs';

let chromium;
before(async () => (chromium = await browser()));
after(() => chromium.close());

/** Somebody who paid by transfer and wants the money back: no gateway can send it there. Gives the order's id. */
async function wantsBack() {
  const context = await device(chromium);
  const page = await context.newPage();
  await signIn(page);
  await page.goto(`${PORTAL}/#/beli`);
  await page.getByText('Virtual account').first().click();
  await page.getByRole('button', { name: 'Buat pesanan' }).click();
  await page.getByRole('button', { name: 'Bayar sekarang (contoh)' }).click();
  await page.getByText('Lunas', { exact: true }).first().waitFor();
  const order = new URL(page.url()).hash.split('/').pop();
  await page.getByRole('button', { name: 'Kembalikan uang' }).click();
  await page.getByRole('button', { name: 'Ya, lanjutkan' }).click();
  await page.getByLabel('Nama bank').waitFor();
  await context.close();
  return order;
}

async function operator() {
  const context = await device(chromium, { viewport: { width: NARROW_PX, height: 700 } });
  const page = await context.newPage();
  const heard = complaints(page);
  await signIn(page, 'operator-sari');
  return { context, page, heard };
}

const sound = async (page, name) => {
  await shot(page, name);
  await judge(page, name);
};

test('an operator sees a case, its story, and ends it once with the bank’s reference', async () => {
  const order = await wantsBack();
  const { context, page, heard } = await operator();
  await page.goto(`${PORTAL}/#/meja`);
  const line = page.getByRole('listitem').filter({ has: page.locator(`a[href="#/meja/${order}"]`) });
  await line.getByText('Harus dibayar manual').waitFor();
  await line.getByRole('button', { name: 'Cara mengakhiri' }).click();
  await line.getByLabel('Cara mengakhiri').last().selectOption({ label: 'Sudah dibayar lewat bank' });
  await sound(page, 'desk-case-320');
  // Nothing is paid without saying under which reference.
  await line.getByRole('button', { name: 'Akhiri kasus' }).click();
  await line.getByRole('alert').waitFor();
  await line.getByLabel('Nomor referensi bank').fill('BCA 2026-11-28/17');
  await line.getByRole('button', { name: 'Akhiri kasus' }).click();
  await line.waitFor({ state: 'detached' });
  await page.getByLabel('Cari riwayat').fill(order);
  await page.getByRole('button', { name: 'Cari' }).click();
  await page.getByRole('heading', { name: new RegExp(`^order ${order}`) }).waitFor();
  await page.getByText('order credited').waitFor();
  await page.getByText(/^refund [0-9a-f-]+ refunded, Rp10000$/).waitFor();
  await sound(page, 'desk-story-320');
  assert.deepEqual(heard, []);
  await context.close();
});

test('an operator stops new orders, and buyers are told so, and takes them again', async () => {
  const { context, page, heard } = await operator();
  await page.goto(`${PORTAL}/#/meja`);
  await page.getByRole('button', { name: 'Tutup penjualan 30 menit' }).click();
  // The page looks anew meanwhile, and leaves the question where it is.
  await page.waitForResponse((response) => response.url().endsWith('/v1/desk'));
  await page.waitForResponse((response) => response.url().endsWith('/v1/desk'));
  assert.equal(await page.getByRole('button', { name: 'Ya, lanjutkan' }).count(), 1);
  await page.getByRole('button', { name: 'Ya, lanjutkan' }).click();
  await page.getByText(/Ditutup oleh operator-sari/).waitFor();
  await sound(page, 'desk-closed-320');
  const buyer = await (await device(chromium)).newPage();
  await signIn(buyer);
  await buyer.goto(`${PORTAL}/#/beli`);
  await buyer.getByRole('button', { name: 'Buat pesanan' }).click();
  await buyer.getByRole('alert').waitFor();
  await buyer.context().close();
  await page.getByRole('button', { name: 'Buka penjualan' }).click();
  await page.getByRole('button', { name: 'Tutup penjualan 30 menit' }).waitFor();
  assert.deepEqual(heard, []);
  await context.close();
});

test('who is no operator is told so and sees nothing', async () => {
  const context = await device(chromium);
  const page = await context.newPage();
  await signIn(page, somebody());
  await page.goto(`${PORTAL}/#/meja`);
  await page.getByText('Ini hanya untuk operator.').waitFor();
  assert.equal(await page.getByText('Kasus terbuka').count(), 0);
  await page.goto(`${PORTAL}/#/beli`);
  await page.getByRole('button', { name: 'Buat pesanan' }).waitFor();
  await context.close();
});

test('a citizen’s device never loads the desk', async () => {
  const context = await device(chromium);
  const page = await context.newPage();
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await signIn(page, somebody());
  for (const [hash, name] of [['#/meterai', 'mine'], ['#/beli', 'buy'], ['#/bubuhkan', 'stamp'], ['#/periksa', 'verify']]) {
    const loaded = page.waitForResponse((response) => response.url().endsWith(`/js/pages/${name}.js`));
    await page.goto(`${PORTAL}/${hash}`);
    await loaded;
    await page.waitForLoadState('networkidle');
  }
  assert.ok(asked.includes('/js/pages/buy.js'));
  assert.deepEqual(asked.filter((path) => path.includes('desk')), []);
  await context.close();
});
