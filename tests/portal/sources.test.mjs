// What can be told from the portal's sources alone: every text in both languages and used, every module kept for when
// there is no network, every state of the API named.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const PORTAL = join(ROOT, 'infra/portal');
const { TEXTS: EVERYBODYS } = await import(join(PORTAL, 'js/texts.js'));
const { DESK } = await import(join(PORTAL, 'js/desk/texts.js'));
const TEXTS = { ...EVERYBODYS, ...DESK };

function modules(folder = join(PORTAL, 'js')) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? modules(path) : [path];
  });
}

/** What only operators load, who can do nothing without a network. */
const OPERATORS = /\/desk[./]/;

const sources = modules().filter((path) => !path.endsWith('texts.js')).map((path) => readFileSync(path, 'utf8')).join('\n');

test('every text stands in Indonesian and in English, with the same parts to fill in', () => {
  const parts = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const [key, both] of Object.entries(TEXTS)) {
    assert.equal(both.length, 2, key);
    assert.ok(both.every((text) => text.trim() === text && text), key);
    assert.deepEqual(parts(both[0]), parts(both[1]), key);
  }
});

test('every text that is asked for is there, and every text is asked for', () => {
  const asked = [...sources.matchAll(/\bt\(\s*'([\w.]+)'/g)].map(([, key]) => key);
  assert.ok(asked.length > 80);
  assert.deepEqual(asked.filter((key) => !TEXTS[key]), []);
  const begun = [...sources.matchAll(/`([\w.]+\.)\$\{/g)].map(([, start]) => start);
  const used = (key) => sources.includes(`'${key}'`) || begun.some((start) => key.startsWith(start));
  assert.deepEqual(Object.keys(TEXTS).filter((key) => !used(key)), []);
});

/** The variants of an enum of the rules, as rows and answers write them. */
function words(file, name) {
  const body = readFileSync(join(ROOT, file), 'utf8').split(`pub enum ${name} {`)[1].split('\n}')[0];
  return [...body.matchAll(/^ {4}(\w+)(?:\(String\))?,$/gm)].map(([, word]) => word.replace(/(?<!^)([A-Z])/g, '_$1').toLowerCase());
}

test('every state that the API names has a word', () => {
  const enums = [
    ['workflow/core/src/document.rs', 'DocumentState'],
    ['workflow/core/src/order.rs', 'OrderState'],
    ['workflow/core/src/payment.rs', 'PaymentState'],
    ['workflow/core/src/refund.rs', 'RefundState'],
  ];
  for (const [file, name] of enums) {
    const states = words(file, name);
    assert.ok(states.length >= 3, name);
    assert.deepEqual(states.filter((state) => !TEXTS[`state.${state}`]), [], name);
  }
});

test('no text of the desk stands in for one of everybody’s', () => {
  assert.deepEqual(Object.keys(DESK).filter((key) => key in EVERYBODYS), []);
});

test('every case of the desk, its owner, and every way to end it has a word', () => {
  const named = [
    ['workflow/core/src/case.rs', 'CaseKind', 'case'],
    ['workflow/core/src/case.rs', 'Owner', 'owner'],
    ['workflow/steps/src/cases/way.rs', 'Way', 'way'],
  ].flatMap(([file, name, kind]) => words(file, name).map((word) => `desk.${kind}.${word}`));
  const due = readFileSync(join(ROOT, 'workflow/steps/src/overview/glance.rs'), 'utf8');
  const kinds = [...due.matchAll(/Due::\w+\([_., ]+\) => "([a-z ]+)"/g)].map(([, kind]) => `desk.kind.${kind}`);
  assert.deepEqual([named.length, kinds.length], [18, 6]);
  assert.deepEqual([...named, ...kinds].filter((key) => !TEXTS[key]), []);
});

test('every module is kept for when there is no network, and nothing that is not there', () => {
  const worker = readFileSync(join(PORTAL, 'sw.js'), 'utf8');
  const list = worker.split('const SHELL = [')[1].split(']')[0];
  const kept = [...list.matchAll(/'(\/js\/[^']+)'/g)].map(([, path]) => path).sort();
  const everybodys = modules().map((path) => `/${relative(PORTAL, path)}`).filter((path) => !OPERATORS.test(path));
  assert.deepEqual(kept, everybodys.sort());
});

test('no page reads markup, and none runs a text as code', () => {
  const worst = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc/;
  assert.equal(worst.test('x.innerHTML = y'), true);
  assert.equal(worst.exec(sources), null);
  const page = readFileSync(join(PORTAL, 'index.html'), 'utf8');
  assert.equal(/\son\w+=|style=|<script>|<style/.exec(page), null);
});
