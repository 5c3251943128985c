// SPDX-License-Identifier: EUPL-1.2
// What a server asks to have signed of a document, looked at before it is: the signed attributes (RFC 5652 §5.4) name the digest of
// the prepared file and the certificate that signs, and nothing that is not known here; the prepared file begins with exactly what
// was shown, and what follows it is one signature's update with room for it (ISO 32000-2 §12.8.1).

import { signingCertificate } from './cms-sign.js';
import { TAG, expect, inside, read, readOid } from './der.js';
import { concat, equal } from './encoding.js';

const OID = {
  data: '1.2.840.113549.1.7.1',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
};
/** Signing time, commitment and policy, where the document's own field wants them. */
const OTHERS = ['1.2.840.113549.1.9.5', '1.2.840.113549.1.9.16.2.16', '1.2.840.113549.1.9.16.2.15'];
const LESS = 0x3c;
const GREATER = 0x3e;
const ZERO = 0x30;

export class DiffersError extends Error {}

function refuse(what) {
  throw new DiffersError(what);
}

async function sha256(octets) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', octets));
}

function toHex(octets) {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

/** By type: the one value of each. */
function valuesOf(attributes) {
  const values = new Map();
  for (const attribute of inside(expect(read(attributes, true), TAG.SET))) {
    const [type, set] = inside(expect(attribute, TAG.SEQUENCE));
    const name = readOid(type);
    const all = inside(expect(set, TAG.SET));
    if (values.has(name) || all.length !== 1) refuse('an attribute twice');
    values.set(name, all[0]);
  }
  return values;
}

/** The digest that they name; DiffersError (or DerError) for what is not to be signed with this certificate (readCertificate()). */
export async function readAttributes(attributes, certificate) {
  const values = valuesOf(attributes);
  const known = [...Object.values(OID), ...OTHERS];
  for (const name of values.keys()) if (!known.includes(name)) refuse(`the attribute ${name}`);
  for (const name of [OID.contentType, OID.messageDigest, OID.signingCertificateV2]) if (!values.has(name)) refuse(`no attribute ${name}`);
  if (readOid(values.get(OID.contentType)) !== OID.data) refuse('what kind of content it is');
  if (!equal(values.get(OID.signingCertificateV2).whole, await signingCertificate(certificate))) refuse('the certificate');
  return expect(values.get(OID.messageDigest), TAG.OCTET_STRING).content;
}

/** "<000…0>". */
function isHole(octets) {
  return octets.length > 2 && octets[0] === LESS && octets.at(-1) === GREATER && octets.subarray(1, -1).every((octet) => octet === ZERO);
}

/**
 * `file`: the prepared one; `told`: {size, holeOffset, holeLength, digest} of the server; `shown`: {hash, octets} of the page.
 * DiffersError when it is not what was shown with one signature more, or not what `digest` is of.
 */
export async function checkPrepared(file, told, shown) {
  const { size, holeOffset, holeLength } = told;
  if (![size, holeOffset, holeLength].every(Number.isSafeInteger)) refuse('numbers');
  if (file.length !== size || file.length < shown.octets) refuse('the length');
  if (toHex(await sha256(file.subarray(0, shown.octets))) !== shown.hash) refuse('what was shown');
  if (holeOffset < shown.octets || holeOffset + holeLength > size) refuse('where the signature goes');
  if (!isHole(file.subarray(holeOffset, holeOffset + holeLength))) refuse('the place of the signature');
  const signed = concat(file.subarray(0, holeOffset), file.subarray(holeOffset + holeLength));
  if (!equal(await sha256(signed), told.digest)) refuse('the digest');
}
