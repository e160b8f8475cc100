// Signing in at an OpenID Connect provider. The provider is played here, at the address that the page's policy allows.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { browser, device, PORTAL, somebody } from './world.mjs';

let chromium;
before(async () => (chromium = await browser()));
after(() => chromium.close());

/** A provider that sends the visitor back with `answer(asked)`; what the page asked is in `seen`. */
async function provider(page, answer) {
  const settings = await (await fetch(`${PORTAL}/config.json`)).json();
  const issuer = settings.sign_in.token_url.replace(/\/token$/, '');
  const seen = {};
  const json = (route, body) => route.fulfill({ json: body, headers: { 'access-control-allow-origin': '*' } });
  await page.route('**/config.json', (route) => json(route, { ...settings, sign_in: { kind: 'oidc', issuer, client_id: 'portal' } }));
  await page.route(`${issuer}/.well-known/openid-configuration`, (route) =>
    json(route, { authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/exchange` }));
  await page.route(`${issuer}/authorize?*`, (route) => {
    seen.asked = Object.fromEntries(new URL(route.request().url()).searchParams);
    return route.fulfill({ status: 302, headers: { location: `${seen.asked.redirect_uri}?${new URLSearchParams(answer(seen.asked))}` } });
  });
  await page.route(`${issuer}/exchange`, async (route) => {
    seen.exchanged = Object.fromEntries(new URLSearchParams(route.request().postData()));
    const wanted = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sub: seen.name }) };
    return json(route, await (await fetch(settings.sign_in.token_url, wanted)).json());
  });
  seen.name = somebody();
  return seen;
}

test('a visitor signs in at a provider by a code that only this page can redeem, and lands where they wanted to go', async () => {
  const context = await device(chromium, { serviceWorkers: 'block' });
  const page = await context.newPage();
  const seen = await provider(page, ({ state }) => ({ code: 'the-code', state }));
  await page.goto(`${PORTAL}/#/meterai`);
  await page.getByRole('button', { name: 'Lanjut ke halaman masuk' }).click();
  await page.getByText('Tersedia').first().waitFor();
  assert.equal(new URL(page.url()).search, '', 'the code does not stay in the address');
  const { asked, exchanged } = seen;
  assert.deepEqual([asked.response_type, asked.client_id, asked.code_challenge_method], ['code', 'portal', 'S256']);
  assert.deepEqual([exchanged.grant_type, exchanged.code, exchanged.redirect_uri], ['authorization_code', 'the-code', `${PORTAL}/`]);
  assert.equal(createHash('sha256').update(exchanged.code_verifier).digest('base64url'), asked.code_challenge);
  assert.equal(exchanged.client_secret, undefined);
  await context.close();
});

test('a code that this page did not ask for is not redeemed', async () => {
  const context = await device(chromium, { serviceWorkers: 'block' });
  const page = await context.newPage();
  const seen = await provider(page, () => ({ code: 'of-somebody-else', state: 'forged' }));
  await page.goto(`${PORTAL}/#/masuk`);
  await page.getByRole('button', { name: 'Lanjut ke halaman masuk' }).click();
  // Back from there: the page that asked was at another address of the portal.
  await page.waitForURL(`${PORTAL}/#/`);
  await page.getByRole('link', { name: 'Masuk' }).waitFor();
  assert.equal(seen.exchanged, undefined);
  await page.goto(`${PORTAL}/?code=sent-by-mail&state=x`);
  await page.getByRole('button', { name: 'Lanjut ke halaman masuk' }).waitFor();
  assert.equal(seen.exchanged, undefined);
  await context.close();
});
