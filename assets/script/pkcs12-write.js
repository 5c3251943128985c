// SPDX-License-Identifier: EUPL-1.2
// Writes a PKCS#12 file (RFC 7292 §4): certificates and key each encrypted with PBES2, a check sum of HMAC-SHA-256 around both, as
// today's programs write and open it.

import { context, nothing, octetString, oid, sequence, setOf, TAG, write } from './der.js';
import { encryptPbes2, small } from './pbes2.js';
import { PURPOSE, bigEndian16, derive, hmac, wideForm } from './pkcs12-key.js';

const OID = {
  data: oid('1.2.840.113549.1.7.1'),
  encryptedData: oid('1.2.840.113549.1.7.6'),
  keyBag: oid('1.2.840.113549.1.12.10.1.2'), // pkcs8ShroudedKeyBag
  certificateBag: oid('1.2.840.113549.1.12.10.1.3'),
  x509: oid('1.2.840.113549.1.9.22.1'),
  friendlyName: oid('1.2.840.113549.1.9.20'),
  localKeyId: oid('1.2.840.113549.1.9.21'),
  sha256: oid('2.16.840.1.101.3.4.2.1'),
};
const MAC_ITERATIONS = 100_000;

/** What says that key and certificate belong together, and what programs call them. */
function attributes(name, id) {
  const attribute = (type, value) => sequence(type, setOf(value));
  return setOf(
    attribute(OID.friendlyName, write(TAG.BMP, bigEndian16(name.normalize('NFC')))),
    attribute(OID.localKeyId, octetString(id)),
  );
}

const bag = (type, value, ...more) => sequence(type, write(context(0), value), ...more);
const certificateBag = (der, ...more) => bag(OID.certificateBag, sequence(OID.x509, write(context(0), octetString(der))), ...more);
const dataOf = (octets) => sequence(OID.data, write(context(0), octetString(octets)));

/** A ContentInfo with EncryptedData (RFC 5652 §8); its content is [0] IMPLICIT OCTET STRING. */
async function encryptedOf(octets, password) {
  const { algorithm, encrypted } = await encryptPbes2(password, octets);
  const info = sequence(OID.data, algorithm, write(0x80, encrypted));
  return sequence(OID.encryptedData, write(context(0), sequence(small(0), info)));
}

async function keyBag(pkcs8, password, described) {
  const { algorithm, encrypted } = await encryptPbes2(password, pkcs8);
  return bag(OID.keyBag, sequence(algorithm, octetString(encrypted)), described);
}

async function macOf(octets, password) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const key = await derive('SHA-256', PURPOSE.MAC, wideForm(password.normalize('NFC')), salt, MAC_ITERATIONS, 32);
  const digest = await hmac('SHA-256', key, octets);
  key.fill(0);
  return sequence(sequence(sequence(OID.sha256, nothing()), octetString(digest)), octetString(salt), small(MAC_ITERATIONS));
}

/** DER of the file. `chain`: certificates (DER), the key's own first; `pkcs8` stays the caller's, to be wiped. */
export async function writePkcs12({ pkcs8, chain, name, password }) {
  const id = new Uint8Array(await crypto.subtle.digest('SHA-1', chain[0])); // as other programs do; it protects nothing
  const described = attributes(name, id);
  const [own, ...others] = chain;
  const certificates = sequence(certificateBag(own, described), ...others.map((der) => certificateBag(der)));
  const safes = [await encryptedOf(certificates, password), dataOf(sequence(await keyBag(pkcs8, password, described)))];
  const authenticated = sequence(...safes);
  return sequence(small(3), dataOf(authenticated), await macOf(authenticated, password));
}
