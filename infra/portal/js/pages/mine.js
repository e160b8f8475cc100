// What the caller has and had: stamps by where they are, documents, orders.

import { get } from '../api.js';
import { h, show } from '../dom.js';
import { number, rupiah, t, time, told } from '../lang.js';
import { action, badge, saveAs, uploadLine } from '../parts.js';
import { account } from '../session.js';
import { dropFromQueue, onuploads, pauseUpload, pending, resumeUpload } from '../upload/queue.js';

export default async function mine({ signal }) {
  const [sums, documents, orders] = await Promise.all([
    get('/v1/account', { signal }),
    get('/v1/documents', { signal }),
    get('/v1/orders', { signal }),
  ]);
  const sending = h('div', {});
  const draw = async () => {
    const rows = await pending();
    if (signal.aborted) return;
    show(sending, rows.length ? h('section', { class: 'card' }, h('h2', {}, t('upload.title')), h('ul', { class: 'lines' }, rows.map((row) => uploadLine(row, { pause: pauseUpload, resume: resumeUpload, drop: dropFromQueue })))) : null);
  };
  onuploads(draw, signal);
  await draw();
  return {
    title: t('mine.title'),
    content: [
      h('div', { class: 'counts' }, ['available', 'reserved', 'stamped', 'refunding', 'refunded', 'held'].map((bucket) => count(bucket, sums[bucket] ?? 0))),
      sending,
      section('documents', documents, documentLine),
      section('orders', orders, orderLine),
      data(),
    ],
  };
}

/** What is kept, for how long and why, and all of it as a file. */
function data() {
  const counted = h('p', { class: 'hint', role: 'status' });
  const take = async () => {
    const { everything } = await import('../export.js');
    const found = await everything(account(), (rows) => (counted.textContent = t('mine.data.count', { count: number(rows) })));
    saveAs(new Blob([JSON.stringify(found, null, 2)], { type: 'application/json' }), 'bubuh.json');
  };
  return h('section', { class: 'card' },
    h('h2', {}, t('mine.data')),
    ['files', 'books', 'proof'].map((kind) => h('p', {}, t(`mine.data.${kind}`))),
    action(t('mine.data.take'), take, { kind: 'plain' }),
    counted);
}

function count(bucket, value) {
  const rare = ['refunding', 'held'].includes(bucket);
  if (rare && value === 0) return null;
  return h('div', { class: `count ${bucket}` }, h('b', {}, number(value)), h('span', {}, t(`mine.${bucket}`)));
}

function section(kind, first, line) {
  const list = h('ul', { class: 'lines' }, first[kind].map(line));
  const more = h('div', {});
  const offer = (next) =>
    show(more, next ? action(t('mine.more'), async () => {
      const page = await get(`/v1/${kind}?from=${encodeURIComponent(next)}`);
      list.append(...page[kind].map(line));
      offer(page.next);
    }, { kind: 'plain' }) : null);
  offer(first.next);
  const empty = h('p', { class: 'empty' }, t(`mine.${kind}.none`), ' ', kind === 'documents' ? h('a', { href: '#/bubuhkan' }, t('home.stamp')) : h('a', { href: '#/beli' }, t('home.buy')));
  return h('section', { class: 'card' }, h('h2', {}, t(`mine.${kind}`)), first[kind].length ? [list, more] : empty);
}

const documentLine = (row) =>
  h('li', { class: 'line' },
    h('div', { class: 'grow' }, h('a', { class: 'name', href: `#/dokumen/${row.id}` }, row.name || t('doc.erased')), h('span', { class: 'hint' }, told(row, 'next'))),
    h('div', { class: 'end' }, badge(row.state), h('time', { class: 'hint', datetime: row.since }, time(row.since))));

const orderLine = (row) =>
  h('li', { class: 'line' },
    h('div', { class: 'grow' }, h('a', { class: 'name', href: `#/pesanan/${row.id}` }, t('mine.order', { count: number(row.quantity), total: rupiah(row.total) })), h('span', { class: 'hint' }, told(row, 'next'))),
    h('div', { class: 'end' }, badge(row.state), h('time', { class: 'hint', datetime: row.updated_at }, time(row.updated_at))));
