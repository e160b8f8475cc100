// Buying stamps: how many, and how to pay.

import { post, sentence } from '../api.js';
import { h, show } from '../dom.js';
import { number, rupiah, t } from '../lang.js';
import { notice } from '../parts.js';

const PRICE = 10_000;
const MOST = 10_000;

export default async function buy({ signal }) {
  const given = Number(new URLSearchParams(location.hash.split('?')[1]).get('n'));
  const quantity = h('input', { id: 'quantity', type: 'number', inputmode: 'numeric', min: 1, max: MOST, step: 1, required: true, value: given >= 1 && given <= MOST ? given : 1 });
  const total = h('output', { for: 'quantity', class: 'total' });
  const problem = h('div', {});
  const count = () => (/^\d+$/.test(quantity.value) ? Number(quantity.value) : NaN);
  const legal = () => count() >= 1 && count() <= MOST;
  const sum = () =>
    show(total, legal() ? [h('b', {}, rupiah(count() * PRICE)), h('span', { class: 'hint' }, t('buy.each', { count: number(count()) }))] : h('span', { class: 'hint' }, t('buy.quantity.bad')));
  const step = (by) => () => {
    quantity.value = Math.min(Math.max((count() || 0) + by, 1), MOST);
    sum();
  };
  quantity.addEventListener('input', sum);
  sum();
  // One key for one wish: pressing again after a lost answer orders nothing twice. Another wish is another key.
  let wish = null;
  const place = async (event) => {
    event.preventDefault();
    show(problem);
    if (!legal()) {
      show(problem, notice(t('buy.quantity.bad')));
      quantity.focus();
      return;
    }
    const body = { quantity: count(), method: form.elements.method.value };
    if (!wish || wish.body.quantity !== body.quantity || wish.body.method !== body.method) wish = { body, key: crypto.randomUUID() };
    go.disabled = true;
    go.textContent = t('buy.going');
    try {
      const order = await post('/v1/orders', body, { key: wish.key, signal });
      location.hash = `#/pesanan/${order.id}`;
    } catch (error) {
      if (!signal.aborted) show(problem, notice(sentence(error)));
    } finally {
      go.disabled = false;
      go.textContent = t('buy.go');
    }
  };
  const go = h('button', { type: 'submit' }, t('buy.go'));
  const form = h(
    'form',
    { class: 'card', onsubmit: place, novalidate: true },
    h('label', { for: 'quantity' }, t('buy.quantity')),
    h(
      'div',
      { class: 'stepper' },
      h('button', { type: 'button', class: 'plain', 'aria-label': t('buy.less'), onclick: step(-1) }, '−'),
      quantity,
      h('button', { type: 'button', class: 'plain', 'aria-label': t('buy.more'), onclick: step(1) }, '+'),
    ),
    h('fieldset', {}, h('legend', {}, t('buy.method')), ['qris', 'bank_transfer'].map(method)),
    h('div', { class: 'sum' }, h('span', {}, t('buy.total')), total),
    problem,
    go,
  );
  return { title: t('buy.title'), content: form };
}

const method = (name) =>
  h(
    'label',
    { class: 'choice' },
    h('input', { type: 'radio', name: 'method', value: name, checked: name === 'qris' }),
    h('span', {}, h('b', {}, t(`buy.${name}`)), h('span', { class: 'hint' }, t(`buy.${name}.text`))),
  );
