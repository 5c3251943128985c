// SPDX-License-Identifier: EUPL-1.2
// Keys that were made in this browser, as the encrypted files that people have, by the hash of their public keys. What browsers keep
// may go away with their data: the file is what counts.

const NAME = 'refrenda-keys';
const STORE = 'keys';

function promised(request) {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
  });
}

async function withStore(mode, work) {
  const request = indexedDB.open(NAME, 1);
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE));
  const database = await promised(request);
  const transaction = database.transaction(STORE, mode);
  const written = new Promise((resolve, reject) => {
    transaction.addEventListener('complete', resolve);
    transaction.addEventListener('abort', () => reject(transaction.error));
  });
  try {
    const result = await promised(work(transaction.objectStore(STORE)));
    await written;
    return result;
  } finally {
    database.close();
  }
}

/** Hexadecimal SHA-256 of a SubjectPublicKeyInfo. */
export async function idOf(spki) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', spki));
  return Array.from(digest, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

/** `entry`: {file: the text of the encrypted file, name: what the file is called}. Browsers may refuse: false. */
export async function keep(id, entry) {
  return withStore('readwrite', (store) => store.put(entry, id)).then(() => true, () => false);
}

/** null: there is none. */
export async function find(id) {
  return withStore('readonly', (store) => store.get(id)).then((entry) => entry ?? null, () => null);
}

export async function forget(id) {
  return withStore('readwrite', (store) => store.delete(id)).catch(() => {});
}
