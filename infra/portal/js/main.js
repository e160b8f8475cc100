// Which page is shown. A page is a module that is loaded when it is first asked for.

import { h } from './dom.js';
import { sentence } from './api.js';
import { lang, speak, t } from './lang.js';
import { account, onchange } from './session.js';
import { shell } from './shell.js';
import { run } from './upload/queue.js';

/** Address, module, and whether one must be signed in. */
const PAGES = [
  [/^\/$/, 'home', false],
  [/^\/masuk$/, 'signin', false],
  [/^\/beli$/, 'buy', true],
  [/^\/pesanan\/([0-9a-f-]{36})$/, 'order', true],
  [/^\/meterai$/, 'mine', true],
  [/^\/bubuhkan$/, 'stamp', true],
  [/^\/dokumen\/([0-9a-f-]{36})$/, 'document', true],
  [/^\/periksa$/, 'verify', false],
  [/^\/meja(?:\/([A-Za-z0-9%._-]{1,96}))?$/, 'desk', true],
];

let leaving = new AbortController();
let shown = null;

const path = () => location.hash.replace(/^#/, '').split('?')[0] || '/';

async function open() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const here = path();
  const found = PAGES.map(([address, name, signedIn]) => ({ match: address.exec(here), name, signedIn })).find((p) => p.match);
  if (found?.signedIn && !account()) {
    sessionStorage.setItem('bubuh.then', location.hash);
    location.replace('#/masuk');
    return;
  }
  shell(here);
  let page;
  try {
    page = found ? await (await import(`./pages/${found.name}.js`)).default({ id: found.match[1], signal }) : lost();
  } catch (error) {
    if (signal.aborted) return;
    page = { title: t('app.failed'), content: [h('p', { class: 'notice' }, sentence(error)), again()] };
  }
  if (signal.aborted) return;
  document.title = page.title === t('app.title') ? page.title : `${page.title} · Bubuh`;
  const main = document.getElementById('isi');
  main.replaceChildren(h('h1', { tabindex: -1 }, page.title), ...[page.content].flat(3).filter(Boolean));
  // Who follows a link without seeing it must hear where it led.
  if (shown !== null && shown !== here) {
    main.querySelector('h1').focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  shown = here;
}

const again = () => h('button', { type: 'button', onclick: open }, t('app.again'));

const lost = () => ({
  title: t('app.lost.title'),
  content: [h('p', {}, t('app.lost')), h('a', { href: '#/', class: 'button' }, t('app.lost.home'))],
});

async function start() {
  speak(lang());
  if (new URLSearchParams(location.search).has('code')) await (await import('./oidc.js')).finish();
  addEventListener('hashchange', open);
  addEventListener('bubuh:again', open);
  onchange(open);
  await open();
  run();
  // What has loaded also opens without a network the next time.
  navigator.serviceWorker?.register('/sw.js').catch(() => {});
}

start();
