// The service's API. Every answer is fresh; every problem has a sentence for a person.

import { lang, t } from './lang.js';
import { forget, token } from './session.js';

/** What the service refuses, in its own words (RFC 9457). */
export class Problem extends Error {
  constructor(status, body, retryAfterS) {
    super(body?.detail ?? `HTTP ${status}`);
    this.status = status;
    this.body = body ?? {};
    this.code = String(this.body.type ?? '').replace('urn:bubuh:problem:', '');
    this.retryAfterS = retryAfterS;
  }

  get text() {
    return (lang() === 'id' ? this.body.detail_id : this.body.detail) ?? t('problem.unknown', { status: this.status });
  }

  /** The same request may succeed later. */
  get passing() {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

/** No answer came: the network, not the service. */
export class Unreachable extends Error {
  get text() {
    return t('problem.unreachable');
  }

  get passing() {
    return true;
  }
}

/** A sentence for any failure. */
export const sentence = (error) => error?.text ?? t('problem.ours', { why: String(error?.message ?? error) });

/** One request. `key` is the `Idempotency-Key`: with the same one it may be sent again and again. */
export async function call(method, path, { body, key, signal, raw } = {}) {
  const headers = {};
  const bearer = token();
  if (bearer) headers.authorization = `Bearer ${bearer}`;
  if (key) headers['idempotency-key'] = key;
  if (body !== undefined) headers['content-type'] = 'application/json';
  let answer;
  let said;
  try {
    answer = await fetch(path, { method, headers, signal, cache: 'no-store', body: body === undefined ? undefined : JSON.stringify(body) });
    if (raw && answer.ok) return await answer.blob();
    said = await answer.json().catch(() => null);
    signal?.throwIfAborted(); // a page that was left reads no half of an answer
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable();
  }
  if (answer.ok) return said;
  if (answer.status === 401) forget();
  throw new Problem(answer.status, said, Number(answer.headers.get('retry-after')) || 0);
}

export const get = (path, options) => call('GET', path, options);

/** A POST under a key of its own, unless one is given that was written down before. */
export const post = (path, body, options = {}) => call('POST', path, { key: crypto.randomUUID(), ...options, body });
