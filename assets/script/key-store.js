// SPDX-License-Identifier: EUPL-1.2
// Keys that were made in this browser, as the encrypted files that people have, by the hash of their public keys. What browsers keep
// may go away with their data: the file is what counts.

import { openDatabase } from './database.js';

const keys = () => openDatabase('refrenda-keys');

/** Hexadecimal SHA-256 of a SubjectPublicKeyInfo. */
export async function idOf(spki) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', spki));
  return Array.from(digest, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

/** `entry`: {file: the text of the encrypted file, name: what the file is called}. Browsers may refuse: false. */
export async function keep(id, entry) {
  return keys().put(id, entry).then(() => true, () => false);
}

/** null: there is none. */
export async function find(id) {
  return keys().all().then((all) => all[id] ?? null, () => null);
}

export async function forget(id) {
  await keys().delete(id).catch(() => {});
}
