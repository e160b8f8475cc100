// Choosing a place on a page: a dialog with the page and a stamp on it that is dragged, or moved by arrow keys.

import { h, say, show } from './dom.js';
import { number, t } from './lang.js';
import { NoPreview, openPdf } from './preview.js';

/** The engine's usual side: 2.2 cm; half of a small page's shorter side. */
const SIDE_PT = Math.floor((2.2 / 2.54) * 72);
const STEP_PT = 4;
const FAR_PT = 36;
const MM = 25.4 / 72;

/** Asks for a place for the stamp of `entry`; `undefined`: left as it was. `{}` fields mean automatic. */
export function choosePlace(entry) {
  return new Promise((resolve) => {
    const body = h('div', { class: 'place-body' }, h('p', { class: 'wait' }, t('app.loading')));
    const dialog = h('dialog', { class: 'place', 'aria-labelledby': 'place-title' }, h('h2', { id: 'place-title', tabindex: -1 }, t('place.title')), body);
    let answer;
    let pdf;
    const end = (value) => {
      answer = value;
      dialog.close();
    };
    dialog.addEventListener('close', () => {
      pdf?.close();
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
    openPdf(entry.file).then(
      (opened) => {
        pdf = opened;
        return stage(entry, pdf, body, end);
      },
      (error) => {
        const why = t(error instanceof NoPreview ? 'place.none' : 'place.unreadable');
        show(body, h('p', { class: 'notice' }, why), h('button', { type: 'button', onclick: () => end(undefined) }, t('app.back')));
        say(why);
      },
    );
  });
}

async function stage(entry, pdf, body, end) {
  let page = Math.min(entry.page ?? pdf.count, pdf.count);
  let size = { width_pt: 1, height_pt: 1 };
  let side = SIDE_PT;
  let at = null; // left and bottom in points
  const canvas = h('canvas', { 'aria-hidden': 'true' });
  const stamp = h('button', { type: 'button', class: 'stamp', 'aria-label': t('place.stamp'), 'aria-describedby': 'place-how' });
  const sheet = h('div', { class: 'sheet' }, canvas, stamp);
  const where = h('p', { class: 'hint', role: 'status' });
  const choice = h('input', { id: 'place-page', type: 'number', min: 1, max: pdf.count, value: page, inputmode: 'numeric' });

  const put = () => {
    const scale = sheet.clientWidth / size.width_pt;
    at.x = Math.min(Math.max(at.x, 0), size.width_pt - side);
    at.y = Math.min(Math.max(at.y, 0), size.height_pt - side);
    stamp.style.left = `${at.x * scale}px`;
    stamp.style.bottom = `${at.y * scale}px`;
    stamp.style.width = stamp.style.height = `${side * scale}px`;
    where.textContent = t('place.at', { x: number(Math.round(at.x * MM)), y: number(Math.round(at.y * MM)) });
  };
  const turn = async () => {
    size = await pdf.draw(page, canvas, Math.min(sheet.clientWidth || 560, 1200));
    side = Math.floor(Math.min(SIDE_PT, size.width_pt / 2, size.height_pt / 2));
    at ??= entry.rect ? { x: entry.rect[0], y: entry.rect[1] } : { x: size.width_pt * 0.62, y: size.height_pt * 0.14 };
    put();
  };
  choice.addEventListener('change', () => {
    page = Math.min(Math.max(Math.round(Number(choice.value)) || 1, 1), pdf.count);
    choice.value = page;
    turn();
  });
  stamp.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    stamp.focus();
    stamp.setPointerCapture(event.pointerId);
    const scale = sheet.clientWidth / size.width_pt;
    const from = { x: at.x - event.clientX / scale, y: at.y + event.clientY / scale };
    const move = (moved) => {
      at = { x: from.x + moved.clientX / scale, y: from.y - moved.clientY / scale };
      put();
    };
    stamp.addEventListener('pointermove', move);
    const stop = () => stamp.removeEventListener('pointermove', move);
    stamp.addEventListener('pointerup', stop, { once: true });
    stamp.addEventListener('pointercancel', stop, { once: true });
  });
  stamp.addEventListener('keydown', (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!way) return;
    event.preventDefault();
    const step = event.shiftKey ? FAR_PT : STEP_PT;
    at = { x: at.x + way[0] * step, y: at.y + way[1] * step };
    put();
  });
  const rect = () => {
    const [x, y] = [Math.round(at.x), Math.round(at.y)];
    return [x, y, x + side, y + side];
  };
  body.replaceChildren(
    h('p', { class: 'hint', id: 'place-how' }, t('place.how')),
    h('div', { class: 'row' }, h('label', { for: 'place-page' }, t('place.page')), choice, h('span', {}, t('place.of', { count: number(pdf.count) }))),
    sheet,
    where,
    h('div', { class: 'row go' },
      h('button', { type: 'button', onclick: () => end({ page, rect: rect() }) }, t('place.ok')),
      h('button', { type: 'button', class: 'plain', onclick: () => end({ page: undefined, rect: undefined }) }, t('place.auto'))),
  );
  new ResizeObserver(() => at && put()).observe(sheet);
  await turn();
  stamp.focus();
}
