// SPDX-License-Identifier: EUPL-1.2
// Setting up an authenticator app for a central certificate: the secret comes encrypted to a key that this browser makes now and
// keeps until the next page (activation.js) shows it, so that neither the pages' server nor anybody between has ever seen it. Whoever
// puts a key of their own in its place on the way gets a secret, and no proof: proofs are bound to the key that is here.

import { openDatabase } from './database.js';
import { toBase64Url } from './encoding.js';
import { makeReceiver, pointOfReceiver } from './hpke.js';

const kept = () => openDatabase('refrenda-app');

/** The pair that waits. */
export async function find() {
  const { pair } = await kept().all();
  if (!pair) throw new Error('no key waits for the app');
  return pair;
}

/** What the secret has to be encrypted to: the activation is bound to it (operation-text.js). */
export async function ownPoint() {
  return pointOfReceiver(await find());
}

export async function forget() {
  await kept().delete('pair').catch(() => {});
}

export default function appKey(form) {
  form.addEventListener('submit', (event) => {
    const field = form.elements.punto;
    if (field.value !== '' || !globalThis.crypto?.subtle) return;
    event.preventDefault();
    const by = event.submitter;
    makeReceiver()
      .then(async (pair) => {
        await kept().put('pair', pair);
        field.value = toBase64Url(await pointOfReceiver(pair));
      })
      .catch(() => (field.value = '-'))
      .finally(() => form.requestSubmit(by));
  });
}
