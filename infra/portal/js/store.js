// Uploads under way, kept by the browser with their files: closing the page, or the phone, loses nothing.

const NAME = 'bubuh';
const UPLOADS = 'uploads';
let opened;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(UPLOADS, { keyPath: 'id' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  opened.catch(() => (opened = undefined));
  return opened;
}

async function run(mode, act) {
  const db = await database();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(UPLOADS, mode, { durability: 'strict' });
    const request = act(transaction.objectStore(UPLOADS));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}

/** Every upload of this device, the oldest first. */
export async function uploads() {
  const rows = await run('readonly', (store) => store.getAll());
  return rows.sort((a, b) => a.at_ms - b.at_ms);
}

export const keepUpload = (row) => run('readwrite', (store) => store.put(row));
export const dropUpload = (id) => run('readwrite', (store) => store.delete(id));
