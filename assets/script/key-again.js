// SPDX-License-Identifier: EUPL-1.2
// Offers the key file once more, where this browser has kept it: for who did not see it being saved.

import { download } from './download.js';
import { find } from './key-store.js';

export default async function keyAgain(element) {
  const kept = globalThis.indexedDB ? await find(element.dataset.key) : null;
  if (!kept) return;
  for (const name of element.querySelectorAll('[data-key-name]')) name.textContent = kept.name;
  element.querySelector('button').addEventListener('click', () => download(kept.name, 'application/x-pem-file', kept.file));
  element.hidden = false;
}
