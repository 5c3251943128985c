// SPDX-License-Identifier: EUPL-1.2
// The opened key of who signed in with a certificate: kept in this browser until they sign out, so that each approval and each
// revocation can be signed without opening the file again. It is a CryptoKey that nobody can read, this code included; it signs
// only what agent-signature.js lets it.
//
// Signing in leaves it as pending; the first page of a session that was signed in with a certificate claims it under the tag
// that the server made for this session alone. A page without a tag (signed out, refused, ended), with another tag, or after the
// end of the certificate, finds it and throws it away.

import { openDatabase } from './database.js';
import { OpenedCertificate } from './opened-certificate.js';

const NAME = 'refrenda-agent';
const PENDING = 'pending';
const KEPT = 'kept';
const PENDING_LASTS = 120_000; // milliseconds: as long as a challenge does

function database() {
  return openDatabase(NAME);
}

/** The browser may refuse to keep it: then the file is asked for again. */
async function put(at, entry) {
  return database().put(at, entry).then(() => true, () => false);
}

export async function forgetKey() {
  await database().remove().catch(() => {});
}

/** Before the form of signing in is sent. */
export async function keepPending(opened) {
  return put(PENDING, { ...opened.parts, since: Date.now() });
}

export async function keepFor(opened, tag) {
  return put(KEPT, { ...opened.parts, tag });
}

/** Several modules of a page, and several windows, may claim it at once. */
async function claimed(tag) {
  const claim = ({ since, key, der }) => (Date.now() - since > PENDING_LASTS ? null : { key, der, tag });
  const entry = await database().move(PENDING, KEPT, claim);
  return entry ?? (await database().all())[KEPT];
}

/** The key of the session with this tag; null: there is none, and none is left behind. */
export async function keptKey(tag) {
  const entry = tag ? await claimed(tag).catch(() => null) : null;
  const opened = entry?.tag === tag ? OpenedCertificate.fromParts(entry) : null;
  const now = new Date();
  if (opened && opened.certificate.from <= now && now <= opened.certificate.to) return opened;
  await forgetKey();
  return null;
}

/** Every page: claims, or throws away. */
export default function keepKey(body) {
  const { keyTag } = body.dataset;
  for (const form of document.querySelectorAll('form[action="/salir"]')) form.addEventListener('submit', () => forgetKey());
  return keyTag ? keptKey(keyTag) : forgetKey();
}
