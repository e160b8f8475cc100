// What stands around every page: menu, language, who is signed in, and whether there is a network.

import { add, h, say, show, svg } from './dom.js';
import { lang, speak, t } from './lang.js';
import { account, forget } from './session.js';

const LINKS = [
  ['#/bubuhkan', 'nav.stamp'],
  ['#/beli', 'nav.buy'],
  ['#/meterai', 'nav.mine'],
  ['#/periksa', 'nav.verify'],
];

const mark = () =>
  svg(
    'svg',
    { viewBox: '0 0 64 64', width: 30, height: 30, 'aria-hidden': 'true' },
    svg('path', { fill: 'currentColor', d: 'M10 6h44a3 3 0 0 0 0 6 4 4 0 0 0 0 8 4 4 0 0 0 0 8 4 4 0 0 0 0 8 4 4 0 0 0 0 8 4 4 0 0 0 0 8 3 3 0 0 0 0 6H10a3 3 0 0 0 0-6 4 4 0 0 0 0-8 4 4 0 0 0 0-8 4 4 0 0 0 0-8 4 4 0 0 0 0-8 4 4 0 0 0 0-8 3 3 0 0 0 0-6z' }),
    svg('path', { fill: '#fff', d: 'M23 18h11c5.600 0 8.600 2.500 8.600 6.700 0 2.900-1.600 4.900-4.200 5.800 3.500.8 5.500 3.200 5.500 6.700 0 5-3.600 8-9.600 8H23zm10.200 11.100c2.800 0 4.300-1.300 4.300-3.600s-1.500-3.400-4.300-3.400h-5v7zm.6 12.100c3.200 0 4.900-1.500 4.900-4.100s-1.700-4-4.900-4h-5.600v8.100z' }),
  );

/** Draws the shell for the page at `path`. */
export function shell(path) {
  document.documentElement.lang = lang();
  document.getElementById('skip').textContent = t('app.skip');
  document.getElementById('specimen').textContent = t('app.specimen');
  const here = (href) => path === href.slice(1) || (href === '#/meterai' && /^\/(pesanan|dokumen)\//.test(path));
  const who = account();
  const bar = document.getElementById('bar');
  show(
    bar,
    h('a', { href: '#/', class: 'brand', 'aria-label': t('app.home') }, mark(), h('span', {}, 'Bubuh')),
    h(
      'nav',
      { 'aria-label': t('app.menu') },
      LINKS.map(([href, text]) => h('a', { href, 'aria-current': here(href) ? 'page' : false }, t(text))),
    ),
    h(
      'div',
      { class: 'who' },
      h('button', { type: 'button', id: 'language', class: 'quiet', lang: lang() === 'id' ? 'en' : 'id', 'aria-label': t('app.language.label'), onclick: other }, t('app.language')),
      who
        ? h('button', { type: 'button', id: 'signout', class: 'quiet', onclick: leave, title: who }, t('nav.signout'))
        : h('a', { href: '#/masuk', class: 'quiet' }, t('nav.signin')),
    ),
  );
  show(document.getElementById('foot'), h('p', {}, t('app.foot')));
  network();
}

function other() {
  speak(lang() === 'id' ? 'en' : 'id');
  dispatchEvent(new Event('bubuh:again'));
  document.getElementById('language')?.focus();
}

function leave() {
  forget();
  location.hash = '#/';
}

function network() {
  const there = document.getElementById('offline');
  if (navigator.onLine) return there?.remove();
  say(t('app.offline'));
  const notice = h('p', { id: 'offline', class: 'offline' }, t('app.offline'));
  if (there) there.replaceWith(notice);
  else add(document.getElementById('bar'), notice);
}

addEventListener('online', network);
addEventListener('offline', network);
