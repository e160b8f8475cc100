// All that the service knows of the caller, as one file: the right of access and portability of Law 27/2022, art. 7 and 13.

import { get } from './api.js';

/** Every page of a list, each row as whole as its own page shows it. */
async function all(kind, told) {
  const rows = [];
  let from;
  do {
    const page = await get(`/v1/${kind}${from ? `?from=${encodeURIComponent(from)}` : ''}`);
    for (const { id } of page[kind]) {
      rows.push(await get(`/v1/${kind}/${id}`));
      told(rows.length);
    }
    from = page.next;
  } while (from);
  return rows;
}

/** Stamps, orders with payments and refunds, and documents. Links that open files are left out: they end within minutes. */
export async function everything(account, told) {
  const stamps = await get('/v1/account');
  const orders = await all('orders', told);
  const documents = await all('documents', (count) => told(orders.length + count));
  const plain = documents.map(({ upload, download_url, ...kept }) => kept);
  return { made_at: new Date().toISOString(), account, stamps, orders, documents: plain };
}
