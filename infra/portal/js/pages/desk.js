// The operator's desk: the whole at a glance, what people must see to, and one thing from its beginning to its end.

import { get, post } from '../api.js';
import { DESK } from '../desk/texts.js';
import { h, say, show } from '../dom.js';
import { learn, number, t, time } from '../lang.js';
import { action, facts, sure } from '../parts.js';
import { poll } from '../poll.js';

learn(DESK);

const EVERY_MS = 10_000;

export default async function desk({ id, signal }) {
  const [figures, sales] = [h('div', {}), h('div', {})];
  const state = h('section', { class: 'card', 'aria-labelledby': 'state' }, h('h2', { id: 'state' }, t('desk.state')), figures, sales);
  const list = h('section', { class: 'card', 'aria-labelledby': 'cases' });
  let closed;
  const draw = async () => {
    const [seen, open] = await Promise.all([get('/v1/desk', { signal }), get('/v1/desk/cases', { signal })]);
    show(figures, glance(seen));
    // A question that is being answered is left alone.
    if (closed !== Boolean(seen.sales_closed)) show(sales, turning((closed = Boolean(seen.sales_closed)), draw));
    // A form that somebody fills in is left alone.
    if (!list.querySelector('[data-open]')) show(list, cases(open, draw));
  };
  const found = h('div', {});
  await draw();
  if (id) await tell(found, id, signal);
  poll(async () => (await draw(), EVERY_MS), { signal });
  return { title: t('desk.title'), content: h('div', { class: 'stack' }, finder(id), found, list, state) };
}

/** How long, in the largest unit that says enough. */
function ago(ms) {
  const s = Math.floor(ms / 1000);
  const [unit, n] = s < 120 ? ['s', s] : s < 7_200 ? ['min', s / 60] : s < 172_800 ? ['h', s / 3_600] : ['d', s / 86_400];
  return t(`desk.ago.${unit}`, { n: number(Math.floor(n)) });
}

function glance(seen) {
  const lanes = seen.lanes.map((lane) => [
    t(`desk.lane.${lane.lane}`),
    [
      t('desk.lane', { waiting: number(lane.waiting), hand: number(lane.in_hand), issued: number(lane.issued) }),
      lane.looked_at_ms_ago === null ? t('desk.lane.unseen') : t('desk.lane.workers', { workers: number(lane.workers), ago: ago(lane.looked_at_ms_ago) }),
    ].join('; '),
  ]);
  const overdue = Object.entries(seen.overdue).map(([kind, { count, oldest_ms }]) => t('desk.overdue.one', { count: number(count), kind: t(`desk.kind.${kind}`), ago: ago(oldest_ms) }));
  if (seen.overdue_and_more) overdue.push(t('desk.overdue.more'));
  const { asked_of_issuer: asked, sales_closed: closed } = seen;
  return facts([
    ...lanes,
    [t('desk.uploads'), t('desk.uploads.text', { waiting: number(seen.uploads_waiting), hand: number(seen.uploads_in_hand) })],
    [t('desk.overdue'), overdue.join('; ') || t('desk.overdue.none')],
    [t('desk.serials'), number(seen.sellable)],
    [t('desk.asked'), asked && t('desk.asked.text', { count: number(asked.count), ago: ago(asked.ms_ago) })],
    [t('desk.untold'), seen.untold.length ? seen.untold.map((event) => h('div', {}, story(event, event))) : null],
    [t('desk.sales'), closed
      ? [t('desk.sales.closed', { by: closed.by, ago: ago(closed.ms_ago) }), closed.ms_left === null ? null : t('desk.sales.left', { left: ago(closed.ms_left) })].filter(Boolean).join('; ')
      : t('desk.sales.open')],
  ]);
}

/** What turns the switch of sales the other way. */
function turning(closed, draw) {
  const turn = (body) => async () => {
    await post('/v1/desk/sales', body);
    await draw();
  };
  if (closed) return action(t('desk.sales.reopen'), turn({ open: true }), { kind: 'plain', id: 'open' });
  return h('div', { class: 'row' },
    sure(t('desk.sales.close'), t('desk.sales.close.sure'), turn({ open: false, minutes: 30 }), { id: 'close' }),
    sure(t('desk.sales.close.long'), t('desk.sales.close.sure'), turn({ open: false }), { id: 'close-long' }));
}

const story = (id, text) => h('a', { href: `#/meja/${id}` }, text);

function cases(open, draw) {
  return [
    h('h2', { id: 'cases' }, t('desk.cases')),
    open.cases.length ? caseList(open, draw) : h('p', { class: 'empty' }, t('desk.cases.none')),
  ];
}

function caseList(first, draw) {
  const lines = h('ul', { class: 'lines' }, first.cases.map((row) => caseLine(row, draw)));
  const more = h('div', {});
  const offer = (next) => show(more, next ? action(t('mine.more'), async () => {
    const page = await get(`/v1/desk/cases?from=${encodeURIComponent(next)}`);
    lines.append(...page.cases.map((row) => caseLine(row, draw)));
    // A list that somebody goes through is left alone.
    lines.setAttribute('data-open', '');
    offer(page.next);
  }, { kind: 'plain' }) : null);
  offer(first.next);
  return [lines, more];
}

function caseLine(row, draw) {
  const about = row.order ?? (row.kind === 'document_stalled' ? row.subject : null);
  const place = h('div', {});
  const open = h('button', { type: 'button', class: 'plain small', id: `end-${row.id}`, onclick: () => show(place, ending(row, place, draw)) }, t('desk.case.end'));
  return h('li', { class: 'line' },
    h('div', { class: 'grow' },
      h('strong', { class: 'name' }, t(`desk.case.${row.kind}`)),
      h('span', { class: 'hint' }, row.note),
      h('span', { class: 'hint' }, row.account, ' · ', t('desk.case.age', { owner: t(`desk.owner.${row.owner}`), ago: ago(Date.now() - Date.parse(row.opened_at)) })),
      about ? story(about, t('desk.case.story')) : null),
    h('div', { class: 'end' }, open),
    place);
}

function ending(row, place, draw) {
  const name = (what) => `${what}-${row.id}`;
  const reference = h('input', { id: name('reference'), type: 'text', maxlength: 64, autocomplete: 'off' });
  const paid = h('div', { hidden: row.ways[0] !== 'paid' }, h('label', { for: name('reference') }, t('desk.case.reference')), reference);
  const way = h('select', { id: name('way'), onchange: () => (paid.hidden = way.value !== 'paid') }, row.ways.map((one) => h('option', { value: one }, t(`desk.way.${one}`))));
  const end = async () => {
    const said = way.value === 'paid' ? { as: 'paid', reference: reference.value } : { as: way.value };
    await post(`/v1/desk/cases/${row.id}/resolve`, said);
    show(place);
    place.closest('.lines')?.removeAttribute('data-open');
    say(t('desk.case.ended'));
    await draw();
  };
  return h('div', { 'data-open': true, role: 'group', 'aria-label': t('desk.case.end') },
    h('label', { for: name('way') }, t('desk.case.end')), way, paid,
    h('div', { class: 'row' }, action(t('desk.case.go'), end), h('button', { type: 'button', class: 'plain', onclick: () => show(place) }, t('no.dont'))));
}

function finder(id) {
  const field = h('input', { id: 'find', type: 'search', value: id ?? '', maxlength: 64, autocomplete: 'off', spellcheck: 'false', required: true, 'aria-describedby': 'find-hint' });
  const go = (event) => {
    event.preventDefault();
    location.hash = `#/meja/${encodeURIComponent(field.value.trim())}`;
  };
  return h('form', { class: 'card', onsubmit: go, role: 'search' },
    h('label', { for: 'find' }, t('desk.find')), field,
    h('p', { class: 'hint', id: 'find-hint' }, t('desk.find.hint')),
    h('div', { class: 'row go' }, h('button', { type: 'submit' }, t('desk.find.go'))));
}

/** Tells one thing's story; what an operator does about it is told right after. */
async function tell(place, id, signal) {
  const told = await get(`/v1/desk/stories/${id}`, { signal });
  const draw = (story) => show(place, h('section', { class: 'card' },
    h('h2', { lang: 'en' }, story.subject),
    h('h3', {}, t('desk.story.events')),
    h('ol', { class: 'history' }, story.events.map(({ at, what }) => h('li', {}, h('span', { lang: 'en' }, what), h('time', { datetime: at }, time(at))))),
    h('h3', {}, t('desk.story.now')),
    h('ul', { class: 'history' }, story.now.map(({ at, what }) => h('li', {}, h('span', { lang: 'en' }, what), at ? h('time', { datetime: at }, time(at)) : null))),
    story.subject.startsWith('event ')
      ? action(t('desk.story.replay'), async () => {
        draw(await post(`/v1/desk/events/${id}/replay`));
        say(t('desk.story.replayed'));
      }, { kind: 'plain' })
      : null));
  draw(told);
}
