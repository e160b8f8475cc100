// What makes the portal open without a network: its own files, and nothing of anybody's. Answers of the API, signed
// links and settings are never kept.

const CACHE = 'bubuh-shell-1';
const SHELL = [
  '/', '/portal.css', '/manifest.webmanifest', '/icon.svg', '/js/main.js', '/js/dom.js', '/js/texts.js', '/js/lang.js',
  '/js/session.js', '/js/oidc.js', '/js/api.js', '/js/shell.js', '/js/poll.js', '/js/parts.js', '/js/store.js', '/js/qr.js', '/js/verifier.js',
  '/js/preview.js', '/js/placing.js', '/js/export.js', '/js/upload/queue.js', '/js/upload/send.js', '/js/upload/digest.js', '/js/upload/put.js',
  '/js/upload/retry.js', '/js/pages/home.js', '/js/pages/signin.js', '/js/pages/buy.js', '/js/pages/order.js',
  '/js/pages/mine.js', '/js/pages/stamp.js', '/js/pages/document.js', '/js/pages/verify.js',
];
/** Large, and kept once they were needed. */
const LATER = /^\/vendor\//;

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  const path = url.pathname;
  if (SHELL.includes(path) || LATER.test(path)) event.respondWith(answer(request, path));
});

/** The newest from the network while there is one; what is kept without one, or when it takes too long. */
async function answer(request, path) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(path);
  const fresh = fetch(request).then((found) => {
    if (found.ok) cache.put(path, found.clone());
    return found;
  });
  if (!kept) return fresh;
  const late = new Promise((resolve) => setTimeout(resolve, 3_000, kept));
  return Promise.race([fresh.catch(() => kept), late]);
}
