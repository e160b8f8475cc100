// One order: how to pay it, what became of it, and the way back.

import { call, get, post, sentence } from '../api.js';
import { h, say, show } from '../dom.js';
import { number, rupiah, t, time, told } from '../lang.js';
import { action, badge, facts, history, notice, saveAs, sure } from '../parts.js';
import { poll } from '../poll.js';
import { config } from '../session.js';
import { code } from '../qr.js';

export default async function order({ id, signal }) {
  const path = `/v1/orders/${id}`;
  const [first, settings, waiting] = await Promise.all([get(path, { signal }), config(), awaitsStamp(signal)]);
  const place = h('div', { class: 'stack' });
  let row = first;
  const draw = () => show(place, ...view(row, { path, settings, waiting, again }));
  const look = async () => {
    const next = await get(path, { signal });
    // Only what has changed is drawn again: a question that is being answered, or a form, is left alone.
    const same = next.updated_at === row.updated_at && told(next, 'next') === told(row, 'next') && !next.instructions === !row.instructions;
    row = next;
    if (!same) draw();
    return settled(row);
  };
  const watch = () => poll(look, { signal, failed: (error) => error.passing || show(place, notice(sentence(error))) });
  const again = async () => {
    if (!(await look())) watch();
  };
  draw();
  if (!settled(row)) watch();
  return { title: t('order.title', { count: number(row.quantity) }), content: place };
}

/** Nothing changes by itself any more, as far as is known. */
const settled = (row) =>
  row.state !== 'awaiting_payment' && (row.refunds ?? []).every((refund) => ['refunded', 'reversed', 'payout'].includes(refund.state));

/** The caller's newest document that only lacks a stamp. */
async function awaitsStamp(signal) {
  const found = await get('/v1/documents', { signal }).catch(() => ({ documents: [] }));
  return found.documents.find((document) => document.state === 'awaiting_stamp');
}

function view(row, { path, settings, waiting, again }) {
  const key = (what) => `${what}-${row.id}`;
  const refundable = row.state === 'credited' && !(row.refunds ?? []).some((r) => r.reason === 'buyer_asked' && r.state !== 'reversed');
  return [
    h('p', { class: 'status', role: 'status' }, badge(row.state), h('span', {}, told(row, 'next'))),
    row.state === 'awaiting_payment' ? toPay(row, settings, again) : null,
    row.state === 'credited'
      ? h('div', { class: 'row go' },
          waiting ? h('a', { class: 'button', href: `#/dokumen/${waiting.id}` }, t('order.paid.waiting')) : h('a', { class: 'button', href: '#/bubuhkan' }, t('order.paid.stamp')))
      : null,
    (row.refunds ?? []).length
      ? h('section', { class: 'card' }, h('h2', {}, t('order.refunds')), row.refunds.map((refund) => refundView(refund, path, again)))
      : null,
    h(
      'section',
      { class: 'card' },
      facts([
        [t('buy.total'), rupiah(row.total)],
        [t('buy.method'), t(`buy.${row.method}`)],
      ]),
      (row.payments ?? []).map((payment) => h('p', { class: 'status' }, badge(payment.state), h('span', {}, `${rupiah(payment.amount)}. ${told(payment, 'next')}`))),
      h('h2', {}, t('order.history')),
      history(row.history),
      h('div', { class: 'row' },
        (row.payments ?? []).length
          ? action(t('order.receipt'), async () => saveAs(await call('GET', `${path}/receipt`, { raw: true }), `bubuh-${row.id}.html`), { kind: 'plain' })
          : null,
        refundable
          ? sure(t('order.refund'), t(row.method === 'qris' ? 'order.refund.sure' : 'order.refund.sure.bank_transfer'), async () => {
              await post(`${path}/refund`, {}, { key: key(`refund-${(row.refunds ?? []).length}`) });
              await again();
            })
          : null,
        row.state === 'awaiting_payment'
          ? sure(t('order.cancel'), t('order.cancel.sure'), async () => {
              await post(`${path}/cancel`, undefined, { key: key('cancel') });
              await again();
            })
          : null),
    ),
  ];
}

function toPay(row, settings, again) {
  const { qr_text, virtual_account } = row.instructions ?? {};
  return h(
    'section',
    { class: 'card pay' },
    qr_text
      ? [h('h2', {}, t('order.scan')), code(qr_text, t('order.code', { total: rupiah(row.total) }))]
      : null,
    virtual_account
      ? [
          facts([
            [t('order.bank'), virtual_account.bank.toUpperCase()],
            [t('order.number'), h('code', { class: 'big' }, virtual_account.number)],
          ]),
          action(t('order.copy'), async () => {
            await navigator.clipboard.writeText(virtual_account.number);
            say(t('order.copied'));
          }, { kind: 'plain' }),
        ]
      : null,
    h('p', { class: 'big' }, rupiah(row.total)),
    h('p', {}, t('order.until', { time: time(row.expires_at) })),
    h('p', { class: 'hint' }, t('order.live')),
    settings.pay_url && row.instructions
      ? h('div', { class: 'sandbox' },
          action(t('order.pay'), async () => {
            await call('POST', settings.pay_url.replace('{id}', row.id));
            await again();
          }),
          h('p', { class: 'hint' }, t('order.pay.text')))
      : null,
  );
}

function refundView(refund, path, again) {
  return h(
    'div',
    { class: 'refund' },
    h('p', { class: 'status' }, badge(refund.state), h('span', {}, `${rupiah(refund.amount)}. ${told(refund, 'next')}`)),
    refund.state === 'payout' ? payTo(refund, path, again) : null,
  );
}

function payTo(refund, path, again) {
  const field = (name) => h('div', {}, h('label', { for: `payto-${name}` }, t(`order.payto.${name}`)), h('input', { id: `payto-${name}`, type: 'text', required: true, inputmode: name === 'number' ? 'numeric' : false }));
  const value = (name) => document.getElementById(`payto-${name}`).value;
  return h(
    'div',
    { role: 'group', 'aria-label': t('order.payto') },
    ['bank', 'number', 'holder'].map(field),
    h('div', { class: 'row' },
      action(t('order.payto.go'), async () => {
        await post(`${path}/refunds/${refund.key}/pay-to`, { bank: value('bank'), number: value('number'), holder: value('holder') });
        await again();
      }),
      refund.reason === 'buyer_asked'
        ? action(t('order.keep'), async () => {
            await post(`${path}/refunds/${refund.key}/keep`, undefined);
            await again();
          }, { kind: 'plain' })
        : null),
  );
}
