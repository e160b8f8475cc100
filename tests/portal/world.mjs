// What the portal's tests share: a browser like a person's, one person at a time, and files to stamp.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { randomBytes, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

/** Where the portal is. */
export const PORTAL = process.env.BUBUH_PORTAL;
/** Where pictures of what was seen go, if anywhere. */
const SHOTS = process.env.BUBUH_SHOTS;

/** Whether the verifier could be built here; without it the portal says so instead. */
export const VERIFIER = (await fetch(`${PORTAL}/vendor/verifier.wasm`)).ok;
if (!VERIFIER) console.log('no verifier here: the portal is tried without it');

/** The narrowest screen, in CSS pixels. */
export const NARROW_PX = 320;
export const PATIENCE_MS = 60_000;
const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export const executablePath = process.env.BUBUH_CHROMIUM ?? execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim();
export const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const browser = () => chromium.launch({ executablePath, args: ARGS, headless: true });

/** A fresh device; it complains of whatever a page's console or policy complained of. */
export async function device(started, options = {}) {
  const context = await started.newContext({ viewport: { width: 390, height: 844 }, locale: 'id-ID', acceptDownloads: true, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  return context;
}

export function complaints(page) {
  const heard = [];
  page.on('pageerror', (error) => heard.push(String(error)));
  page.on('console', (line) => {
    // The browser itself logs each answer that is not 2xx and each cut connection; those are looked at where they matter.
    if (line.type() === 'error' && !/Failed to load resource|net::ERR/.test(line.text())) heard.push(line.text());
  });
  return heard;
}

export async function shot(page, name) {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

/** What the verify page says of a file: its verdict, or that there is no verifier. */
export const judged = (page) => page.locator(VERIFIER ? '.verdict' : '#result .notice').waitFor();

/** A name nobody else has. */
export const somebody = () => `uji-${randomUUID().slice(0, 8)}`;

/** Signs in by what a person sees. */
export async function signIn(page, name = somebody()) {
  await page.goto(`${PORTAL}/#/masuk`);
  await page.getByLabel('Nama akun').fill(name);
  await page.getByRole('main').getByRole('button', { name: 'Masuk' }).click();
  await page.getByRole('button', { name: 'Keluar' }).waitFor();
  return name;
}

/** Buys one stamp by what a person sees. */
export async function buy(page) {
  await page.goto(`${PORTAL}/#/beli`);
  await page.getByRole('button', { name: 'Buat pesanan' }).click();
  await page.getByRole('button', { name: 'Bayar sekarang (contoh)' }).click();
  await page.getByText('Lunas', { exact: true }).first().waitFor();
}

/** A sound PDF of one page, of about so many bytes; its filling does not compress. */
export function pdf(name, size = 0) {
  const text = 'BT /F1 14 Tf 72 770 Td (SURAT PERNYATAAN) Tj 0 -40 Td (Yang bertanda tangan di bawah ini menyatakan benar.) Tj 0 -420 Td (Jakarta, 27 November 2026) Tj ET';
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  const parts = [Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
  const offsets = [];
  let at = parts[0].length;
  const push = (buffer) => {
    parts.push(buffer);
    at += buffer.length;
  };
  const object = (body) => {
    offsets.push(at);
    push(Buffer.concat([Buffer.from(`${offsets.length} 0 obj\n`), body, Buffer.from('\nendobj\n')]));
  };
  objects.forEach((body) => object(Buffer.from(body)));
  const filling = Math.max(size - at - 400, 0);
  if (filling) object(Buffer.concat([Buffer.from(`<< /Length ${filling} >>\nstream\n`), randomBytes(filling), Buffer.from('\nendstream')]));
  const start = at;
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  push(Buffer.from(`xref\n0 ${offsets.length + 1}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${offsets.length + 1} /Root 1 0 R /ID [<${randomBytes(16).toString('hex')}> <00>] >>\nstartxref\n${start}\n%%EOF\n`));
  return { name, mimeType: 'application/pdf', buffer: Buffer.concat(parts) };
}

/** axe-core, put in by the debugger, as the page's own policy lets nobody else's script in. */
export async function axe(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: readFileSync(axePath, 'utf8') });
  const ran = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, { resultTypes: ['violations'] }).then((r) => JSON.stringify(r.violations.map((v) => [v.id, v.help, v.nodes.map((n) => n.html.slice(0, 160))])))`,
    awaitPromise: true,
  });
  await session.detach();
  return JSON.parse(ran.result.value);
}

/** Nothing is cut off on the narrowest screen, and nobody is shut out. */
export async function judge(page, name) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= NARROW_PX, `${name} is ${wide} px wide`);
  assert.deepEqual(await axe(page), [], name);
}
