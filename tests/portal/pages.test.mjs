// What holds on every page: nobody is shut out, nothing is cut off, little is loaded, and it opens without a network.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { axe, browser, buy, complaints, device, judge, judged, NARROW_PX, pdf, PORTAL, shot, signIn } from './world.mjs';

const FIRST_LOAD_MOST = 120 * 1024;
let chromium;
before(async () => (chromium = await browser()));
after(() => chromium.close());

/** Every page, in a state that shows what it has: name, and how to get there. */
const open = (hash) => (page) => page.goto(`${PORTAL}/${hash}`);
const PAGES = {
  start: open('#/'),
  signin: open('#/masuk'),
  lost: open('#/tidak-ada'),
  verify: open('#/periksa'),
  verified: async (page) => {
    await page.goto(`${PORTAL}/#/periksa`);
    await page.getByLabel(/Pilih PDF untuk diperiksa|Choose a PDF/).setInputFiles(pdf('tanpa-meterai.pdf'));
    await judged(page);
  },
};
const MEMBERS = {
  home: open('#/'),
  buy: open('#/beli'),
  stamp: async (page) => {
    await page.goto(`${PORTAL}/#/bubuhkan`);
    await page.locator('#files').setInputFiles([pdf('perjanjian sewa rumah dengan nama berkas yang panjang sekali sampai tidak muat.pdf'), pdf('b.pdf')]);
    await page.locator('#send').waitFor();
  },
  refused: async (page) => {
    await page.goto(`${PORTAL}/#/bubuhkan`);
    await page.locator('#files').setInputFiles({ name: 'foto.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('bukan pdf') });
    await page.getByRole('alert').waitFor();
  },
  placing: async (page) => {
    await page.goto(`${PORTAL}/#/bubuhkan`);
    await page.locator('#files').setInputFiles(pdf('a.pdf'));
    await page.locator('#place-0').click();
    await page.locator('.stamp').waitFor();
  },
  toPay: async (page) => {
    await page.goto(`${PORTAL}/#/beli`);
    await page.locator('form button[type=submit]').click();
    await page.locator('.qr svg').waitFor();
  },
  toTransfer: async (page) => {
    await page.goto(`${PORTAL}/#/beli`);
    await page.locator('input[value=bank_transfer]').check();
    await page.locator('form button[type=submit]').click();
    await page.locator('code.big').waitFor();
  },
  paid: async (page) => {
    await MEMBERS.toPay(page);
    await page.locator('.sandbox button').click();
    await page.locator('.badge.good').first().waitFor();
    await page.locator('.sure button').first().click();
  },
  stamped: async (page) => {
    await page.goto(`${PORTAL}/#/bubuhkan`);
    await page.locator('#files').setInputFiles(pdf('surat.pdf'));
    await page.locator('#send').click();
    await page.locator('#download').waitFor();
  },
  erased: async (page) => {
    await page.goto(`${PORTAL}/#/meterai`);
    await page.locator('a.name[href^="#/dokumen/"]').first().click();
    await page.locator('#download').waitFor();
    await page.getByRole('button', { name: /Hapus nama dan berkas|Delete name and files/ }).click();
    await page.getByRole('button', { name: /Ya, lanjutkan|Yes, go on/ }).click();
    await page.getByText(/dihapus atas permintaan Anda|deleted at your request/).first().waitFor();
    await page.getByRole('heading', { level: 1, name: /Dokumen yang dihapus|Deleted document/ }).waitFor();
    assert.equal(await page.locator('#download').count(), 0);
  },
  awaits: async (page) => {
    await page.goto(`${PORTAL}/#/bubuhkan`);
    await page.locator('#files').setInputFiles(pdf('surat.pdf'));
    await page.locator('#send').click();
    await page.locator('.steps').waitFor();
    await page.locator('a.button[href="#/beli"]').waitFor();
  },
  mine: async (page) => {
    await page.goto(`${PORTAL}/#/meterai`);
    await page.locator('.counts').waitFor();
  },
};

async function walk(pages, look) {
  for (const language of ['id', 'en']) {
    const context = await device(chromium, { viewport: { width: NARROW_PX, height: 700 } });
    await context.addInitScript((lang) => location.origin !== 'null' && localStorage.setItem('bubuh.lang', lang), language);
    const page = await context.newPage();
    const heard = complaints(page);
    if (pages === MEMBERS) await signInBy(page);
    for (const [name, go] of Object.entries(pages)) {
      await page.goto('about:blank');
      await go(page);
      await page.waitForLoadState('networkidle');
      await look(page, `${name} in ${language}`);
      await shot(page, `${name}-${language}-320`);
      if (process.env.BUBUH_SHOTS) {
        await page.setViewportSize({ width: 1280, height: 800 });
        await shot(page, `${name}-${language}-1280`);
        await page.setViewportSize({ width: NARROW_PX, height: 700 });
      }
    }
    assert.deepEqual(heard, [], language);
    await context.close();
  }
}

async function signInBy(page) {
  await page.goto(`${PORTAL}/#/masuk`);
  await page.locator('#account').fill(`uji-${Date.now()}-${Math.random().toString(36).slice(2, 6)}`);
  await page.locator('form button').click();
  await page.locator('#signout').waitFor();
}

test('every public page can be used by everybody and is not wider than a small phone', () => walk(PAGES, judge));

test('every page of who is signed in can be used by everybody and is not wider than a small phone', () => walk(MEMBERS, judge));

test('axe-core is really asked: it finds what is wrong on a page that was broken', async () => {
  const context = await device(chromium);
  const page = await context.newPage();
  await page.goto(`${PORTAL}/#/beli`);
  await page.goto(`${PORTAL}/#/masuk`);
  await page.locator('#account').waitFor();
  await page.evaluate(() => document.querySelector('label[for=account]').remove());
  assert.ok((await axe(page)).some(([id]) => id === 'label'));
  await context.close();
});

test('the first load is small, and neither pdf.js nor the verifier is in it', async () => {
  const context = await device(chromium, { serviceWorkers: 'block' });
  const page = await context.newPage();
  const loaded = [];
  page.on('response', (response) => loaded.push(response));
  await page.goto(PORTAL);
  await page.waitForLoadState('networkidle');
  const bodies = await Promise.all(loaded.map((response) => response.body()));
  const bytes = bodies.reduce((sum, body) => sum + gzipSync(body).length, 0);
  console.log(`first load: ${loaded.length} files, ${bytes} bytes compressed`);
  assert.ok(bytes <= FIRST_LOAD_MOST, `${bytes}`);
  assert.ok(loaded.length > 8);
  assert.deepEqual(loaded.filter((response) => response.url().includes('/vendor/')), []);
  await context.close();
});

test('once opened it opens without a network, verifies without one, and has kept nothing of anybody', async () => {
  const context = await device(chromium);
  const page = await context.newPage();
  await signIn(page);
  await buy(page);
  await page.goto(`${PORTAL}/#/periksa`);
  const input = page.getByLabel('Pilih PDF untuk diperiksa');
  await input.setInputFiles(pdf('a.pdf'));
  await judged(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload(); // through the worker, which keeps the verifier now
  await input.setInputFiles(pdf('a.pdf'));
  await judged(page);
  await context.setOffline(true);
  await page.goto('about:blank');
  await page.goto(`${PORTAL}/#/`);
  await page.getByRole('heading', { name: /dibubuhkan tepat satu kali/ }).waitFor();
  await page.getByText('Tidak ada jaringan').first().waitFor();
  await shot(page, 'offline');
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const all = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map((request) => request.url)));
    return all.flat();
  });
  assert.ok(kept.length > 20);
  assert.deepEqual(kept.filter((url) => !/\/(|portal\.css|manifest\.webmanifest|icon\.svg|js\/[\w/.-]+\.js|vendor\/[\w.]+)$/.test(new URL(url).pathname)), []);
  await page.goto(`${PORTAL}/#/meterai`);
  await page.getByText('Layanan belum terjangkau').waitFor();
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Coba lagi' }).click();
  await page.getByText('Tersedia').first().waitFor();
  await context.close();
});
