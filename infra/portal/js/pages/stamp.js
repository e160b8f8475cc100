// Choosing files, their kind and the place of the stamp, and watching them go up.

import { get } from '../api.js';
import { h, say, show } from '../dom.js';
import { number, size, t, told } from '../lang.js';
import { chooser, notice, uploadLine } from '../parts.js';
import { badLink } from '../upload/send.js';
import { dropFromQueue, onuploads, pauseUpload, pending, resumeUpload, submit } from '../upload/queue.js';

const MOST_BYTES = 25 * 1024 * 1024;
const WORTH_BYTES = 1024 * 1024;
const TYPES = ['3', '2', '4a', '4b'];

export default async function stamp({ signal }) {
  const chosen = [];
  const problems = h('div', {});
  const list = h('div', {});
  const sending = h('div', {});
  let available = null;
  let sent = 0;
  get('/v1/account', { signal }).then((sums) => {
    available = sums.available;
    draw();
  }, () => {});

  const bad = h('input', { type: 'checkbox', id: 'bad', checked: badLink() });
  // Only whole minutes, in the reader's own time.
  const needed = h('input', { type: 'datetime-local', id: 'needed', 'aria-describedby': 'needed-hint' });
  const type = h('select', { id: 'type' }, TYPES.map((code) => h('option', { value: code }, t(`stamp.type.${code}`))));

  const take = async (files) => {
    const refused = [];
    for (const file of files) {
      const why = await unfit(file);
      if (why) refused.push(t(why, { name: file.name }));
      else chosen.push({ file, page: undefined, rect: undefined });
    }
    show(problems, refused.map((text) => notice(text)));
    draw();
    document.getElementById('send')?.focus();
    const fresh = chosen.filter((entry) => entry.after === undefined);
    if (isWorthIt(fresh)) fresh.forEach(look);
  };

  // What the service would only say after the upload is said here at once.
  const look = async (entry) => {
    const { file, page, rect } = entry;
    let seen;
    try {
      const { examined } = await import('../verifier.js');
      seen = await examined(file, { page, rect });
    } catch {
      return; // no engine here: the service looks at it
    }
    const at = chosen.indexOf(entry);
    if (signal.aborted || at < 0 || entry.rect !== rect || entry.page !== page) return;
    if (seen?.refused) {
      chosen.splice(at, 1);
      problems.append(notice(t('stamp.refused', { name: file.name, why: told(seen.refused, 'message') })));
    }
    entry.after = seen?.fits?.size_after;
    draw();
  };

  const place = async (entry) => {
    const { choosePlace } = await import('../placing.js');
    const result = await choosePlace(entry);
    if (result) Object.assign(entry, result, { after: undefined });
    draw();
    if (result && isWorthIt([entry])) look(entry);
    document.getElementById(`place-${chosen.indexOf(entry)}`)?.focus();
  };

  const go = async () => {
    const button = document.getElementById('send');
    button.disabled = true;
    try {
      const deadline = needed.value ? new Date(needed.value).toISOString() : undefined;
      await submit(chosen.map(({ file, page, rect }) => ({ file, page, rect, deadline, document_type: type.value, chunked: bad.checked || undefined })));
      chosen.length = 0;
      show(problems);
      draw();
    } catch {
      show(problems, notice(t('stamp.kept')));
      button.disabled = false;
    }
  };

  const draw = () => {
    const count = number(chosen.length);
    show(
      list,
      chosen.length
        ? h(
            'section',
            { class: 'card' },
            h('ul', { class: 'lines' }, chosen.map((entry, n) => entryLine(entry, n, { place, remove: () => { chosen.splice(n, 1); draw(); } }))),
            h('label', { for: 'type' }, t('stamp.type')),
            type,
            h('label', { for: 'needed' }, t('stamp.needed')),
            needed,
            h('p', { class: 'hint', id: 'needed-hint' }, t('stamp.needed.text')),
            h('label', { class: 'choice', for: 'bad' }, bad, h('span', {}, h('b', {}, t('stamp.bad')), h('span', { class: 'hint' }, t('stamp.bad.text')))),
            h('p', { class: 'sum' }, h('span', {}, t('stamp.sum', { count })),
              available !== null && available < chosen.length ? h('span', { class: 'hint' }, t('stamp.short', { have: number(available) })) : null),
            h('button', { type: 'button', id: 'send', onclick: go }, t('stamp.go', { count })),
          )
        : null,
    );
  };

  const drawSending = async (ended) => {
    const rows = await pending();
    if (signal.aborted) return;
    show(sending, rows.length
      ? h('section', { class: 'card' }, h('h2', {}, t('upload.title')),
          h('ul', { class: 'lines' }, rows.map((row) => uploadLine(row, { pause: pauseUpload, resume: resumeUpload, drop: dropFromQueue }))),
          h('p', { class: 'hint' }, t('upload.close')))
      : null);
    if (ended) {
      say(t('upload.sent', { name: ended.name }));
      // One file leads to its document, after several all are to be seen; a choice being made is left alone.
      sent += 1;
      if (!rows.length && !chosen.length) location.hash = sent === 1 ? `#/dokumen/${ended.document}` : '#/meterai';
    }
  };
  onuploads(drawSending, signal);
  await drawSending();
  return {
    title: t('stamp.title'),
    content: [
      chooser({ id: 'files', text: t('stamp.choose'), hint: t('stamp.drop'), multiple: true, chosen: take }),
      problems,
      list,
      sending,
    ],
  };
}

/** Whether to look at these files here: the engine is half a megabyte, once. */
function isWorthIt(entries) {
  const total = entries.reduce((sum, { file }) => sum + file.size, 0);
  return !badLink() && (navigator.connection?.effectiveType === '4g' || total >= WORTH_BYTES);
}

async function unfit(file) {
  if (file.size === 0) return 'stamp.empty';
  if (file.size > MOST_BYTES) return 'stamp.toolarge';
  const head = new TextDecoder('latin1').decode(await file.slice(0, 1024).arrayBuffer());
  return head.includes('%PDF-') ? null : 'stamp.notpdf';
}

function entryLine(entry, n, { place, remove }) {
  const { file, page, rect, after } = entry;
  const bytes = after ? t('stamp.after', { size: size(file.size), after: size(after) }) : `${size(file.size)}.`;
  return h(
    'li',
    { class: 'line' },
    h('div', { class: 'grow' },
      h('strong', { class: 'name' }, file.name),
      h('span', { class: 'hint' }, `${bytes} `, rect ? t('stamp.place.own', { page: number(page) }) : t('stamp.place.auto'))),
    h('div', { class: 'row' },
      h('button', { type: 'button', class: 'plain small', id: `place-${n}`, 'aria-label': t('stamp.place.set.label', { name: file.name }), onclick: () => place(entry) }, t('stamp.place.set')),
      h('button', { type: 'button', class: 'plain small', 'aria-label': t('stamp.remove', { name: file.name }), onclick: remove }, '×')),
  );
}
