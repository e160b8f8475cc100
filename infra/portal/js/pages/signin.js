// Signing in: at the identity provider, or, on a development stack, by a name alone.

import { sentence } from '../api.js';
import { h, show } from '../dom.js';
import { t } from '../lang.js';
import { notice } from '../parts.js';
import { config, keep } from '../session.js';

const LEGAL = /^[A-Za-z0-9._-]{1,64}$/;

export default async function signin() {
  const { sign_in } = await config();
  return {
    title: t('signin.title'),
    content: sign_in.kind === 'development' ? development(sign_in) : provider(sign_in),
  };
}

function development({ token_url }) {
  const problem = h('div', {});
  const name = h('input', { id: 'account', type: 'text', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', maxlength: 64, value: 'warga', required: true, 'aria-describedby': 'account-hint' });
  const enter = async (event) => {
    event.preventDefault();
    if (!LEGAL.test(name.value)) {
      show(problem, notice(t('signin.name.bad')));
      name.setAttribute('aria-invalid', 'true');
      name.focus();
      return;
    }
    try {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(token_url, { method: 'POST', headers, body: JSON.stringify({ sub: name.value }) });
      if (!answer.ok) throw new Error(`token ${answer.status}`);
      const then = sessionStorage.getItem('bubuh.then') ?? '#/';
      sessionStorage.removeItem('bubuh.then');
      history.replaceState(null, '', then);
      keep(await answer.json());
    } catch {
      show(problem, notice(t('signin.failed')));
    }
  };
  return h(
    'form',
    { class: 'card narrow', onsubmit: enter },
    h('p', {}, t('signin.lead')),
    h('label', { for: 'account' }, t('signin.name')),
    name,
    h('p', { class: 'hint', id: 'account-hint' }, t('signin.dev')),
    problem,
    h('button', { type: 'submit' }, t('signin.go')),
  );
}

function provider(settings) {
  const problem = h('div', {});
  const go = async () => {
    try {
      await (await import('../oidc.js')).begin(settings);
    } catch (error) {
      show(problem, notice(sentence(error)));
    }
  };
  return h('div', { class: 'card narrow' }, h('p', {}, t('signin.lead')), problem, h('button', { type: 'button', onclick: go }, t('signin.oidc')));
}
