// Which language is spoken, and how numbers and times are written in it.

import { TEXTS } from './texts.js';

const KEPT = 'bubuh.lang';
let now = localStorage.getItem(KEPT) === 'en' ? 'en' : 'id';

/** `id` or `en`. */
export const lang = () => now;

export function speak(next) {
  now = next === 'en' ? 'en' : 'id';
  localStorage.setItem(KEPT, now);
  document.documentElement.lang = now;
}

/** Adds a page's own texts to the catalogue. */
export const learn = (more) => Object.assign(TEXTS, more);

/** A text of the catalogue; `{name}` in it is replaced. */
export function t(key, parts = {}) {
  const both = TEXTS[key];
  if (!both) throw new Error(`no text ${key}`);
  const text = both[now === 'id' ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (whole, name) => parts[name] ?? whole);
}

/** What a service says in both languages, as `next_id` and `next_en`. */
export const told = (row, field) => row?.[`${field}_${now}`] ?? row?.[`${field}_id`] ?? '';

const locale = () => (now === 'id' ? 'id-ID' : 'en-GB');

export const number = (value) => new Intl.NumberFormat(locale()).format(value);
export const rupiah = (value) => `Rp${new Intl.NumberFormat('id-ID').format(value)}`;

/** A moment in the reader's own time. */
export const time = (text) =>
  new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(text));

export const clock = (text) => new Intl.DateTimeFormat(locale(), { timeStyle: 'short' }).format(new Date(text));

export function size(bytes) {
  if (bytes < 1024) return `${number(bytes)} B`;
  const kb = bytes / 1024;
  return kb < 1024 ? `${number(Math.round(kb))} kB` : `${number(Math.round(kb / 102.4) / 10)} MB`;
}
