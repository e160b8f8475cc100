// One document on its way: where it is, how long it takes, and in the end the file.

import { call, get, post, sentence } from '../api.js';
import { h, say, show } from '../dom.js';
import { clock, lang, number, size, t, time, told } from '../lang.js';
import { action, badge, chooser, facts, follow, notice, sure, uploadLine } from '../parts.js';
import { poll } from '../poll.js';
import { account } from '../session.js';
import { keepUpload } from '../store.js';
import { LARGE_BYTES, LARGE_FROM_BYTES, ofChunks, ofFile, SMALL_BYTES } from '../upload/digest.js';
import { dropFromQueue, onuploads, pauseUpload, pending, resumeUpload, run } from '../upload/queue.js';

const ENDED = ['stamped', 'rejected', 'cancelled'];
const ERASABLE = [...ENDED, 'abandoned'];
const CANCELLABLE = ['awaiting_upload', 'awaiting_stamp', 'queued', 'stalled'];
/** A download link lives a quarter of an hour. */
const STALE_MS = 10 * 60_000;

export default async function document({ id, signal }) {
  const path = `/v1/documents/${id}`;
  const place = h('div', { class: 'stack' });
  let row = await get(path, { signal });
  let at = Date.now();
  let upload = null;
  let state = row.state;
  const look = async () => {
    const next = await get(path, { signal });
    const same = told(next, 'next') === told(row, 'next') && JSON.stringify([next.position, next.eta]) === JSON.stringify([row.position, row.eta]);
    row = next;
    at = Date.now();
    if (row.state !== state) say(`${t(`state.${row.state}`)}. ${told(row, 'next')}`);
    state = row.state;
    if (!same) draw();
    return ENDED.includes(row.state) || (row.state === 'queued' && row.eta ? new Date(row.eta.earliest) - at : 0);
  };
  const download = async () => {
    if (Date.now() - at > STALE_MS) await look();
    follow(row.download_url);
  };
  const cancel = async () => {
    await call('DELETE', path);
    await look();
  };
  const erase = async () => {
    const erased = await post(`${path}/erase`);
    say(told(erased, 'next'));
    // Its name stands above the page.
    dispatchEvent(new Event('bubuh:again'));
  };
  // Made once: a question that is being answered is not taken away by the next look.
  const ask = sure(t('doc.cancel'), t('doc.cancel.sure'), cancel);
  const forget = sure(t('doc.erase'), t('doc.erase.sure'), erase);
  const draw = () => show(place, ...view(row, { upload, download, ask, forget, reselect: ([file]) => reselect(row, file, place).catch((error) => place.prepend(notice(sentence(error)))) }));
  const uploading = async () => {
    upload = (await pending()).find((kept) => kept.document === id) ?? null;
    if (!signal.aborted) draw();
  };
  onuploads((ended) => {
    if (ended?.document === id) look().catch(() => {});
    return uploading();
  }, signal);
  await uploading();
  if (!ENDED.includes(row.state)) poll(look, { signal, failed: (error) => error.passing || show(place, notice(sentence(error))) });
  return { title: row.name || t('doc.erased'), content: place };
}

function view(row, { upload, download, ask, forget, reselect }) {
  const { state, erased_at: erased } = row;
  const awaits = ['awaiting_upload', 'abandoned'].includes(state);
  return [
    h('p', { class: 'status', role: 'status' }, badge(state), h('span', {}, told(row, 'next'))),
    row.reason ? notice(row.reason[`message_${lang()}`]) : null,
    ENDED.includes(state) && state !== 'stamped' ? null : steps(state),
    upload ? h('ul', { class: 'lines card' }, uploadLine(upload, { pause: pauseUpload, resume: resumeUpload, drop: dropFromQueue })) : null,
    awaits && !upload
      ? [h('p', {}, t('doc.reselect')), chooser({ id: 'again', text: t('doc.reselect.go'), chosen: reselect })]
      : null,
    state === 'awaiting_stamp' ? h('a', { class: 'button', href: '#/beli' }, t('doc.buy')) : null,
    ['queued', 'stamping', 'awaiting_stamp'].includes(state) ? waiting(row) : null,
    state === 'stamped'
      ? h('div', { class: 'row go' },
          erased ? null : action(t('doc.download'), download, { id: 'download' }),
          h('a', { class: 'button plain', href: '#/periksa' }, t('doc.verify')),
          h('a', { class: 'button plain', href: `/v/${encodeURIComponent(row.serial)}` }, t('doc.public')))
      : null,
    state === 'rejected' ? h('a', { class: 'button', href: '#/bubuhkan' }, t('doc.again')) : null,
    h('section', { class: 'card' },
      facts([
        [t('doc.serial'), row.serial && h('code', {}, row.serial)],
        [t('doc.sha256'), row.stamped_sha256 && h('code', {}, row.stamped_sha256)],
        [t('doc.placed'), row.place && t(row.place.free ? 'doc.placed.page' : 'doc.placed.covers', { page: number(row.place.page) })],
        [t('doc.kind'), t(`stamp.type.${row.document_type}`)],
        [t('doc.size'), size(row.size)],
        [t('doc.deadline'), row.deadline && time(row.deadline)],
        [t('doc.since'), time(row.since)],
        [t('doc.erased.at'), erased && time(erased)],
      ]),
      CANCELLABLE.includes(state) ? ask : null,
      ERASABLE.includes(state) && !erased ? forget : null),
  ];
}

function steps(state) {
  const done = { awaiting_upload: 0, abandoned: 0, awaiting_stamp: 1, queued: 1, stamping: 2, stalled: 2, stamped: 3 }[state] ?? 0;
  const names = ['upload', 'queue', 'stamp'];
  return h('ol', { class: 'steps', 'aria-label': t('doc.steps') },
    names.map((name, n) => h('li', { class: n < done ? 'done' : n === done ? 'now' : '', 'aria-current': n === done ? 'step' : false }, t(`doc.step.${name}`))));
}

/** Position and time as a range: a promise that can be kept. */
function waiting(row) {
  const { position, eta, promised } = row;
  const day = (text) => (new Date(text).toDateString() === new Date().toDateString() ? clock(text) : time(text));
  const range = ({ earliest, latest }) =>
    latest ? t('doc.eta.range', { earliest: day(earliest), latest: day(latest) }) : t('doc.eta.open', { earliest: day(earliest) });
  // Later than was promised: said, and the promise shown beside it.
  const late = promised && eta && (!eta.latest || new Date(eta.latest) > new Date(promised.latest));
  return h('section', { class: 'card wait-card' },
    eta?.may_miss_deadline ? notice(t('doc.deadline.miss', { deadline: day(row.deadline) })) : null,
    facts([
      [t('doc.position'), position === undefined ? null : position === 1 ? t('doc.position.next') : t('doc.position.count', { count: number(position) })],
      [t('doc.eta'), eta ? [range(eta), late ? h('span', { class: 'hint' }, ` ${t('doc.eta.late')}`) : null] : null],
      [t('doc.promised'), late ? range(promised) : null],
    ]),
    h('p', {}, t('doc.close')));
}

/** The same file once more: its document is the same, and what has come of it is not sent again. */
async function reselect(row, file, place) {
  const other = () => place.prepend(notice(t('doc.reselect.differs')));
  if (file.size !== row.size) return other();
  const sha256 = await ofFile(file);
  // It may have been begun in chunks of either size: what has come is of use in its own only.
  let digests, chunk_bytes;
  for (chunk_bytes of row.size < LARGE_FROM_BYTES ? [SMALL_BYTES] : [LARGE_BYTES, SMALL_BYTES]) {
    digests = await ofChunks(file, chunk_bytes);
    const { chunks } = await post(`/v1/documents/${row.id}/upload`, { chunks: { size: chunk_bytes, sha256: digests } });
    if (chunks && chunks.file_sha256 !== sha256) return other();
    if (chunks?.present.length) break;
  }
  const { id: document, name, size, document_type } = row;
  await keepUpload({ id: crypto.randomUUID(), account: account(), at_ms: Date.now(), file, name, size, sha256, document, document_type, chunks: digests, chunk_bytes, chunked: true });
  run();
}
