// Signing in at an OpenID Connect provider: authorization code with PKCE (RFC 7636), without a secret in the page.

import { config, keep } from './session.js';

const KEPT = 'bubuh.oidc';

const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
const here = () => `${location.origin}/`;

async function discovery(issuer) {
  const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  if (!answer.ok) throw new Error(`issuer ${answer.status}`);
  return answer.json();
}

/** Leaves for the provider's page. */
export async function begin({ issuer, client_id, scope = 'openid' }) {
  const { authorization_endpoint } = await discovery(issuer);
  const [state, verifier] = [random(), random()];
  const challenge = base64url(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)));
  sessionStorage.setItem(KEPT, JSON.stringify({ state, verifier }));
  const asked = { response_type: 'code', client_id, redirect_uri: here(), scope, state, code_challenge: challenge, code_challenge_method: 'S256' };
  location.assign(`${authorization_endpoint}?${new URLSearchParams(asked)}`);
}

/** Comes back from it: what it says is believed only as the answer to what was asked here. */
export async function finish() {
  const said = new URLSearchParams(location.search);
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
  sessionStorage.removeItem(KEPT);
  const then = sessionStorage.getItem('bubuh.then') ?? '#/';
  history.replaceState(null, '', here() + (kept ? then : '#/masuk'));
  if (!kept || kept.state !== said.get('state')) return;
  const { sign_in } = await config();
  const { token_endpoint } = await discovery(sign_in.issuer);
  const body = new URLSearchParams({ grant_type: 'authorization_code', code: said.get('code'), redirect_uri: here(), client_id: sign_in.client_id, code_verifier: kept.verifier });
  const answer = await fetch(token_endpoint, { method: 'POST', body });
  if (answer.ok) keep(await answer.json());
}
