// SPDX-License-Identifier: EUPL-1.2
// Ciphers of PKCS#12 files: PBES2 with AES through WebCrypto (RFC 8018 §6.2), and the old ones (RFC 7292 appendix C), whose
// code is loaded only when a file has them. Each tries the spellings of the password; null when none fits.

import { TAG, expect, inside, readNumber, readOid, stringOctets } from './der.js';
import { PURPOSE, derive, pbkdf2, plainForms, wideForms } from './pkcs12-key.js';

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const AES = { '2.16.840.1.101.3.4.1.2': 16, '2.16.840.1.101.3.4.1.42': 32 };
const TRIPLE_DES = '1.2.840.113549.3.7';
const PSEUDO_RANDOM = {
  '1.2.840.113549.2.7': 'SHA-1',
  '1.2.840.113549.2.9': 'SHA-256',
  '1.2.840.113549.2.10': 'SHA-384',
  '1.2.840.113549.2.11': 'SHA-512',
};
const OLD = {
  '1.2.840.113549.1.12.1.3': { cipher: '3DES', size: 24 },
  '1.2.840.113549.1.12.1.4': { cipher: '3DES', size: 16 },
  '1.2.840.113549.1.12.1.5': { cipher: 'RC2', size: 16 },
  '1.2.840.113549.1.12.1.6': { cipher: 'RC2', size: 5 },
};
const ITERATIONS = 10_000_000; // more is an attack on the page's time

export class UnsupportedError extends Error {}

function unsupported(what) {
  throw new UnsupportedError(what);
}

export function checkedIterations(element) {
  const iterations = element ? readNumber(element) : 1;
  return iterations > 0 && iterations <= ITERATIONS ? iterations : unsupported('iterations');
}

/** PBKDF2-params: salt, iterations, the key's length or not, the function or not (RFC 8018 appendix A.2). */
export function readPbkdf2(algorithm) {
  const [type, parameters] = inside(algorithm);
  if (readOid(type) !== PBKDF2) unsupported(readOid(type));
  const [salt, iterations, ...rest] = inside(parameters);
  const chosen = rest.find((element) => element.tag === TAG.SEQUENCE);
  const length = rest.find((element) => element.tag === TAG.INTEGER);
  const hash = chosen ? PSEUDO_RANDOM[readOid(inside(chosen)[0])] : 'SHA-1';
  return {
    hash: hash ?? unsupported('pseudo-random function'),
    salt: stringOctets(salt),
    iterations: checkedIterations(iterations),
    size: length ? readNumber(length) : 0,
  };
}

async function decryptAes(key, iv, encrypted) {
  const imported = await crypto.subtle.importKey('raw', key, 'AES-CBC', false, ['decrypt']);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-CBC', iv }, imported, encrypted));
  } catch {
    return null; // the padding is wrong: so was the key
  }
}

async function decryptOld(cipher, key, iv, encrypted) {
  const { decrypt } = await import('./old-cipher.js');
  return decrypt(cipher, key, iv, encrypted);
}

async function openPbes2(parameters, password, encrypted, fits) {
  const [derivation, scheme] = inside(parameters);
  const { hash, salt, iterations } = readPbkdf2(derivation);
  const [type, vector] = inside(scheme);
  const cipher = readOid(type);
  const size = AES[cipher] ?? (cipher === TRIPLE_DES ? 24 : unsupported(cipher));
  const iv = stringOctets(vector);
  for (const plain of plainForms(password)) {
    const key = await pbkdf2(hash, plain, salt, iterations, size);
    const clear = cipher === TRIPLE_DES ? await decryptOld('3DES', key, iv, encrypted) : await decryptAes(key, iv, encrypted);
    key.fill(0);
    if (clear && fits(clear)) return clear;
  }
  return null;
}

async function openOld({ cipher, size }, parameters, password, encrypted, fits) {
  const [salt, count] = inside(parameters);
  const iterations = checkedIterations(count);
  for (const wide of wideForms(password)) {
    const key = await derive('SHA-1', PURPOSE.KEY, wide, stringOctets(salt), iterations, size);
    const iv = await derive('SHA-1', PURPOSE.IV, wide, stringOctets(salt), iterations, 8);
    const whole = cipher === '3DES' && size === 16 ? Uint8Array.of(...key, ...key.subarray(0, 8)) : key;
    const clear = await decryptOld(cipher, whole, iv, encrypted);
    whole.fill(0);
    key.fill(0);
    if (clear && fits(clear)) return clear;
  }
  return null;
}

/** Decrypts with an AlgorithmIdentifier; `fits` judges what came out, for padding is right by chance once in 256. */
export async function decrypt(algorithm, password, encrypted, fits) {
  const [type, parameters] = inside(expect(algorithm, TAG.SEQUENCE));
  const name = readOid(type);
  if (name === PBES2) return openPbes2(parameters, password, encrypted, fits);
  return openOld(OLD[name] ?? unsupported(name), parameters, password, encrypted, fits);
}
