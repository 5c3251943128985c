// SPDX-License-Identifier: EUPL-1.2
// Encrypting under a password as today's programs do: PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC (RFC 8018 §6.2).

import { integer, nothing, octetString, oid, sequence } from './der.js';
import { pbkdf2 } from './pkcs12-key.js';

const OID = {
  pbes2: oid('1.2.840.113549.1.5.13'),
  pbkdf2: oid('1.2.840.113549.1.5.12'),
  hmacWithSha256: oid('1.2.840.113549.2.9'),
  aes256Cbc: oid('2.16.840.1.101.3.4.1.42'),
};
const ITERATIONS = 600_000;
const KEY_SIZE = 32;

/** A number of at most four octets. */
export function small(number) {
  return integer(Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number));
}

function identifier(salt, iterations, iv) {
  const derivation = sequence(OID.pbkdf2, sequence(octetString(salt), small(iterations), small(KEY_SIZE), sequence(OID.hmacWithSha256, nothing())));
  return sequence(OID.pbes2, sequence(derivation, sequence(OID.aes256Cbc, octetString(iv))));
}

/** The password's octets: UTF-8 of its composed form, whatever the keyboard gave. */
function plainForm(password) {
  return new TextEncoder().encode(password.normalize('NFC'));
}

/** {algorithm: DER of the AlgorithmIdentifier, encrypted: octets}. */
export async function encryptPbes2(password, clear, iterations = ITERATIONS) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(16));
  const octets = await pbkdf2('SHA-256', plainForm(password), salt, iterations, KEY_SIZE);
  const key = await crypto.subtle.importKey('raw', octets, 'AES-CBC', false, ['encrypt']);
  octets.fill(0);
  const encrypted = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CBC', iv }, key, clear));
  return { algorithm: identifier(salt, iterations, iv), encrypted };
}
