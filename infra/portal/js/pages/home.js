// The start page: what this is, and the three things one comes for.

import { get } from '../api.js';
import { h, show } from '../dom.js';
import { number, t } from '../lang.js';
import { account } from '../session.js';
import { onuploads, pending } from '../upload/queue.js';

export default async function home({ signal }) {
  const yours = h('div', { class: 'yours' });
  if (account()) fill(yours, signal);
  return {
    title: t('home.title'),
    content: [
      h('img', { src: '/icon.svg', alt: '', class: 'hero', width: 168, height: 168 }),
      h('p', { class: 'lead' }, t('home.lead')),
      h(
        'div',
        { class: 'row go' },
        h('a', { class: 'button', href: '#/bubuhkan' }, t('home.stamp')),
        h('a', { class: 'button plain', href: '#/beli' }, t('home.buy')),
        h('a', { class: 'button plain', href: '#/periksa' }, t('home.verify')),
      ),
      yours,
      h('div', { class: 'promises' }, ['money', 'signal', 'proof'].map(promise)),
    ],
  };
}

const promise = (name) =>
  h('section', {}, h('h2', {}, t(`home.promise.${name}`)), h('p', {}, t(`home.promise.${name}.text`)));

function fill(place, signal) {
  let available = null;
  const draw = async () => {
    const under = (await pending()).length;
    if (signal.aborted) return;
    show(
      place,
      available === null ? null : h('a', { href: '#/meterai', class: 'count' }, h('b', {}, number(available)), h('span', {}, t('home.available'))),
      under ? h('a', { href: '#/bubuhkan', class: 'count' }, h('b', {}, number(under)), h('span', {}, t('home.working'))) : null,
    );
  };
  onuploads(draw, signal);
  draw();
  get('/v1/account', { signal }).then((sums) => {
    available = sums.available;
    return draw();
  }, () => {}); // without a network the page is as useful
}
