// Who is signed in. The token is kept until it ends, as a page may be closed while a document is in the queue.

const KEPT = 'bubuh.session';
const listeners = new Set();
let settings;

/** What this place is set up for; asked once. */
export function config() {
  settings ??= fetch('/config.json', { cache: 'no-store' }).then((answer) => {
    if (!answer.ok) throw new Error(`config ${answer.status}`);
    return answer.json();
  });
  settings.catch(() => (settings = undefined));
  return settings;
}

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT));
    return kept && kept.until_ms > Date.now() ? kept : null;
  } catch {
    return null;
  }
}

export const account = () => read()?.account ?? null;
export const token = () => read()?.token ?? null;

/** Keeps what an issuer answered. */
export function keep({ access_token, expires_in }) {
  const until_ms = Date.now() + (Number(expires_in) || 3600) * 1000 - 30_000;
  localStorage.setItem(KEPT, JSON.stringify({ token: access_token, account: subject(access_token), until_ms }));
  changed();
}

export function forget() {
  if (localStorage.getItem(KEPT) === null) return;
  localStorage.removeItem(KEPT);
  changed();
}

/** Calls back when somebody signs in or out, here or in another tab. */
export function onchange(listener) {
  listeners.add(listener);
}

function changed() {
  for (const listener of listeners) listener();
}

addEventListener('storage', (event) => event.key === KEPT && changed());

/** The account a token names. It is only shown: the service checks the token. */
function subject(jwt) {
  const text = atob(jwt.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (c) => c.charCodeAt(0)))).sub;
}
