// SPDX-License-Identifier: EUPL-1.2
// A key pair, and the request of a certificate that proves that one has it (PKCS#10, RFC 2986). Its subject is a courtesy: the
// authority takes the subject from what the agent approves.

import { TAG, context, integer, nothing, oid, sequence, setOf, write } from './der.js';
import { ecdsaToDer } from './opened-certificate.js';

const OID = {
  commonName: oid('2.5.4.3'),
  serialNumber: oid('2.5.4.5'),
  rsaWithSha256: oid('1.2.840.113549.1.1.11'),
  ecdsaWithSha256: oid('1.2.840.10045.4.3.2'),
};
const KINDS = {
  'P-256': { name: 'ECDSA', namedCurve: 'P-256' },
  'RSA-2048': { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-256' },
};

const bitString = (octets) => write(TAG.BIT_STRING, Uint8Array.of(0), octets);
const attribute = (type, text) => setOf(sequence(type, write(TAG.UTF8, new TextEncoder().encode(text))));

/** {privateKey, publicKey}; the private one can be read, once, to be put into its file. `kind`: "P-256" or "RSA-2048". */
export function makePair(kind) {
  return crypto.subtle.generateKey(KINDS[kind], true, ['sign', 'verify']);
}

function subjectOf({ name, number }) {
  const parts = [[OID.commonName, name], [OID.serialNumber, number]].filter(([, text]) => text);
  return sequence(...parts.map(([type, text]) => attribute(type, text)));
}

/** {der, spki}. */
export async function writeRequest({ privateKey, publicKey }, subject) {
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', publicKey));
  const info = sequence(integer(Uint8Array.of(0)), subjectOf(subject), spki, write(context(0)));
  const isEc = privateKey.algorithm.name === 'ECDSA';
  const use = isEc ? { name: 'ECDSA', hash: 'SHA-256' } : privateKey.algorithm;
  const signature = new Uint8Array(await crypto.subtle.sign(use, privateKey, info));
  const algorithm = isEc ? sequence(OID.ecdsaWithSha256) : sequence(OID.rsaWithSha256, nothing());
  return { der: sequence(info, algorithm, bitString(isEc ? ecdsaToDer(signature) : signature)), spki };
}
