// Small pieces that several pages are made of.

import { sentence } from './api.js';
import { h, say, show } from './dom.js';
import { size, t, time } from './lang.js';

/** Which states are good, bad or neither: said by words, and besides by colour. */
const GOOD = ['stamped', 'credited', 'refunded', 'captured'];
const BAD = ['rejected', 'stalled', 'failed', 'stuck', 'disputed', 'charged_back'];

export function badge(state) {
  const kind = GOOD.includes(state) ? 'good' : BAD.includes(state) ? 'bad' : 'going';
  return h('span', { class: `badge ${kind}` }, t(`state.${state}`));
}

export const notice = (text, kind = 'bad') => h('p', { class: `notice ${kind}`, role: kind === 'bad' ? 'alert' : false }, text);

/** Facts as pairs; those without a value are left out. */
export function facts(pairs) {
  const told = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return h('dl', { class: 'facts' }, told.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));
}

export const history = (steps) =>
  h('ol', { class: 'history' }, steps.map((step) => h('li', {}, badge(step.state), h('time', { datetime: step.at }, time(step.at)))));

/** A button that does something once, tells when it failed, and can be pressed again then. */
export function action(text, act, { kind = '', id, disabled } = {}) {
  const problem = h('div', {});
  const button = h('button', { type: 'button', class: kind, id, disabled }, text);
  button.addEventListener('click', async () => {
    button.disabled = true;
    button.setAttribute('aria-busy', 'true');
    show(problem);
    try {
      await act();
    } catch (error) {
      show(problem, notice(sentence(error)));
    } finally {
      button.disabled = false;
      button.removeAttribute('aria-busy');
    }
  });
  return h('div', { class: 'action' }, button, problem);
}

/** A button that first says what will happen. */
export function sure(text, what, act, { id } = {}) {
  const place = h('div', { class: 'sure' });
  const ask = h('button', { type: 'button', class: 'plain', id, onclick: () => open() }, text);
  const open = () => {
    const panel = h(
      'div',
      { class: 'notice going', role: 'group', 'aria-label': text },
      h('p', {}, what),
      h('div', { class: 'row' }, action(t('yes.do'), act), h('button', { type: 'button', class: 'plain', onclick: close }, t('no.dont'))),
    );
    place.replaceChildren(panel);
    panel.querySelector('button').focus();
    say(what);
  };
  const close = () => {
    place.replaceChildren(ask);
    ask.focus();
  };
  place.append(ask);
  return place;
}

/** A place to choose or drop files. */
export function chooser({ id, text, hint, multiple = false, chosen }) {
  const input = h('input', { type: 'file', id, accept: 'application/pdf,.pdf', multiple, class: 'unseen-input' });
  input.addEventListener('change', () => {
    const files = [...input.files];
    input.value = '';
    if (files.length) chosen(files);
  });
  const area = h(
    'label',
    { class: 'drop', for: id },
    input,
    h('span', { class: 'button', 'aria-hidden': 'false' }, text),
    hint ? h('span', { class: 'hint' }, hint) : null,
  );
  for (const name of ['dragenter', 'dragover']) {
    area.addEventListener(name, (event) => {
      event.preventDefault();
      area.classList.add('over');
    });
  }
  for (const name of ['dragleave', 'drop']) area.addEventListener(name, () => area.classList.remove('over'));
  area.addEventListener('drop', (event) => {
    event.preventDefault();
    const files = [...event.dataTransfer.files];
    if (files.length) chosen(multiple ? files : files.slice(0, 1));
  });
  return area;
}

/** An upload's line: name, how far it is, and what can be done. */
export function uploadLine(row, { pause, resume, drop }) {
  const sent = size(row.sent ?? 0);
  const total = size(row.size);
  const said = row.failed
    ? sentence(row.failed)
    : row.paused
      ? t('upload.paused', { sent, total })
      : row.waits
        ? t('upload.waits', { sent, total })
        : row.step === 'sending'
          ? t('upload.sending', { sent, total })
          : t(`upload.${row.step ?? 'waiting'}`);
  const stopped = row.paused || row.failed;
  const button = (name, act) =>
    h('button', { type: 'button', class: 'plain small', id: `${name}-${row.id}`, 'aria-label': t(`upload.${name}.label`, { name: row.name }), onclick: () => act(row.id) }, t(`upload.${name}`));
  return h(
    'li',
    { class: row.failed ? 'line bad' : 'line' },
    h('div', { class: 'grow' },
      h('strong', { class: 'name' }, row.name),
      h('progress', { max: row.size, value: row.sent ?? 0, 'data-value': row.sent ?? 0, 'aria-label': t('upload.progress', { name: row.name }) }),
      h('span', { class: 'hint' }, said)),
    h('div', { class: 'row' }, stopped ? button('resume', resume) : button('pause', pause), stopped ? button('drop', drop) : null),
  );
}

/** Saves a file that was fetched. */
export function saveAs(blob, name) {
  const url = URL.createObjectURL(blob);
  follow(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export function follow(url, name) {
  const link = h('a', { href: url, download: name ?? '' });
  document.body.append(link);
  link.click();
  link.remove();
}
