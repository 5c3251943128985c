// SPDX-License-Identifier: EUPL-1.2
// A person's certificate with its key, opened in the page. The key is imported so that nobody can read it any more, this
// code included; it only signs, until the page is left.

import { readCertificate } from './certificate.js';
import { DerError, TAG, expect, inside, integer, read, readOid, sequence } from './der.js';
import { equal } from './encoding.js';
import { Pkcs12Error, openPkcs12 } from './pkcs12.js';

const RSA = '1.2.840.113549.1.1.1';
const EC = '1.2.840.10045.2.1';
const CURVES = { '1.2.840.10045.3.1.7': 'P-256', '1.3.132.0.34': 'P-384', '1.3.132.0.35': 'P-521' };
const PROBE = new TextEncoder().encode('refrenda: does this key belong to this certificate?');
const RSA_USE = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

/** WebCrypto's name for a key by its AlgorithmIdentifier (RFC 5480 §2.1.1, RFC 3279 §2.3.1); null: not one of ours. */
function keyUse(algorithm) {
  const [type, parameters] = inside(algorithm);
  if (readOid(type) === RSA) return RSA_USE;
  if (readOid(type) !== EC) return null;
  const namedCurve = CURVES[readOid(parameters)];
  return namedCurve ? { name: 'ECDSA', namedCurve } : null;
}

function signUse(use) {
  return use.name === 'ECDSA' ? { name: 'ECDSA', hash: 'SHA-256' } : use;
}

/** WebCrypto gives r and s side by side (IEEE P1363); everybody else wants a SEQUENCE of two numbers (RFC 3279 §2.2.3). */
export function ecdsaToDer(signature) {
  const half = signature.length / 2;
  return sequence(integer(signature.subarray(0, half)), integer(signature.subarray(half)));
}

export async function importKey(pkcs8) {
  const [, algorithm] = inside(read(pkcs8));
  const use = keyUse(algorithm);
  if (!use) throw new Pkcs12Error('unsupported');
  return crypto.subtle.importKey('pkcs8', pkcs8, use, false, ['sign']);
}

/** Whether the key is that of the certificate: what it signs is verified with the certificate. */
export async function belongsTo(key, certificate) {
  const [algorithm] = inside(read(certificate.publicKey));
  const use = keyUse(algorithm);
  if (use?.name !== key.algorithm.name || use.namedCurve !== key.algorithm.namedCurve) return false;
  const known = await crypto.subtle.importKey('spki', certificate.publicKey, use, false, ['verify']);
  const signature = await crypto.subtle.sign(signUse(use), key, PROBE);
  return crypto.subtle.verify(signUse(use), known, signature, PROBE);
}

/** Pairs of key and certificate. The file's own ids only say where to look first: the signature decides. */
async function pairs(found) {
  const list = [];
  for (const { pkcs8, id } of found.keys) {
    const key = await importKey(pkcs8);
    const first = (entry) => (id && entry.id && equal(id, entry.id) ? 0 : 1);
    for (const entry of [...found.certificates].sort((a, b) => first(a) - first(b))) {
      const certificate = readCertificate(entry.der);
      if (certificate.authority || !(await belongsTo(key, certificate))) continue;
      list.push({ key, certificate });
      break;
    }
  }
  return list;
}

function inForce({ certificate }, now) {
  return certificate.from <= now && now <= certificate.to;
}

function choose(list, found, now) {
  if (found.certificates.length === 0) throw new Pkcs12Error('noCertificate');
  if (list.length === 0) throw new Pkcs12Error('noKey');
  const chosen = list.find((pair) => inForce(pair, now));
  if (chosen) return chosen;
  throw new Pkcs12Error(list[0].certificate.from > now ? 'notYet' : 'expired');
}

export class OpenedCertificate {
  #key;
  #certificate;

  constructor(key, certificate) {
    this.#key = key;
    this.#certificate = certificate;
  }

  /** Opens a .p12 or .pfx; Pkcs12Error says why it cannot. `file` is wiped. */
  static async open(file, password, now = new Date()) {
    let found = { keys: [], certificates: [] };
    try {
      found = await openPkcs12(file, password);
      const { key, certificate } = choose(await pairs(found), found, now);
      return new OpenedCertificate(key, { ...certificate, der: certificate.der.slice() });
    } catch (cause) {
      if (cause instanceof Pkcs12Error) throw cause;
      throw new Pkcs12Error(cause instanceof DerError ? 'fileWrong' : 'unsupported', { cause });
    } finally {
      for (const { pkcs8 } of found.keys) pkcs8.fill(0);
      file.fill(0);
    }
  }

  /** What a browser can store of it: the key is stored as it is, and cannot be read there either. */
  get parts() {
    return { key: this.#key, der: this.#certificate.der };
  }

  static fromParts({ key, der }) {
    return new OpenedCertificate(key, readCertificate(der));
  }

  /** The serial number's octets in hexadecimal digits. */
  get serial() {
    const { content } = expect(read(this.#certificate.serial), TAG.INTEGER);
    return Array.from(content, (octet) => octet.toString(16).padStart(2, '0')).join('');
  }

  get certificateDer() {
    return this.#certificate.der;
  }

  /** {name, from, to, issuer, serial}: what readCertificate() says. */
  get certificate() {
    return this.#certificate;
  }

  /** 'RSA' or 'ECDSA', with SHA-256. */
  get algorithm() {
    return this.#key.algorithm.name === 'ECDSA' ? 'ECDSA' : 'RSA';
  }

  /** RSASSA-PKCS1-v1_5 or ECDSA with SHA-256, as CMS and X.509 want it (ECDSA in DER). */
  async sign(octets) {
    const signature = new Uint8Array(await crypto.subtle.sign(signUse(this.#key.algorithm), this.#key, octets));
    return this.algorithm === 'ECDSA' ? ecdsaToDer(signature) : signature;
  }
}
