// SPDX-License-Identifier: EUPL-1.2
// A private key as a file: PKCS#8 EncryptedPrivateKeyInfo (RFC 5958 §3) in PEM, which openssl opens as it is. Files of other
// programs are read, too: DER, and keys that nobody encrypted.

import { expect, inside, octetString, read, sequence, stringOctets, TAG } from './der.js';
import { fromBase64, toBase64 } from './encoding.js';
import { encryptPbes2 } from './pbes2.js';
import { UnsupportedError, decrypt } from './pkcs12-cipher.js';
import { Pkcs12Error } from './pkcs12.js';

const ENCRYPTED = 'ENCRYPTED PRIVATE KEY';
const PEM = /-----BEGIN ((?:ENCRYPTED )?PRIVATE KEY)-----([\sA-Za-z0-9+/=]+)-----END \1-----/;

export function toPem(label, der) {
  return `-----BEGIN ${label}-----\n${toBase64(der).replaceAll(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`;
}

/** The text of the file. */
export async function writeKeyFile(pkcs8, password) {
  const { algorithm, encrypted } = await encryptPbes2(password, pkcs8);
  return toPem(ENCRYPTED, sequence(algorithm, octetString(encrypted)));
}

/** PrivateKeyInfo (RFC 5958 §2), and not a .p12, which begins with a number, too. */
function isKey(octets) {
  try {
    const [version, algorithm, key] = inside(expect(read(octets, true), TAG.SEQUENCE));
    return version.tag === TAG.INTEGER && inside(algorithm)[0].tag === TAG.OID && key.tag === TAG.OCTET_STRING;
  } catch {
    return false;
  }
}

function derOf(octets) {
  const pem = PEM.exec(new TextDecoder('latin1').decode(octets));
  return pem ? fromBase64(pem[2].replaceAll(/\s/g, '')) : octets;
}

async function open(octets, password) {
  const der = derOf(octets);
  if (isKey(der)) return der.slice();
  const [algorithm, encrypted] = inside(expect(read(der), TAG.SEQUENCE));
  const clear = await decrypt(algorithm, password, stringOctets(expect(encrypted, TAG.OCTET_STRING)), isKey);
  if (!clear) throw new Pkcs12Error(password === '' ? 'passwordMissing' : 'passwordWrong');
  return clear;
}

/** The key in the clear (PKCS#8), which the caller wipes; Pkcs12Error: fileWrong, passwordWrong, passwordMissing, unsupported. */
export async function readKeyFile(octets, password) {
  try {
    return await open(octets, password);
  } catch (cause) {
    if (cause instanceof Pkcs12Error) throw cause;
    throw new Pkcs12Error(cause instanceof UnsupportedError ? 'unsupported' : 'fileWrong', { cause });
  }
}
