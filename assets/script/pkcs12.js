// SPDX-License-Identifier: EUPL-1.2
// Opens a PKCS#12 file (RFC 7292) in the page: certificates and keys in it, in the clear. The caller wipes the keys.

import { DerError, TAG, context, expect, inside, read, readOid, stringOctets } from './der.js';
import { equal } from './encoding.js';
import { UnsupportedError, checkedIterations, decrypt, readPbkdf2 } from './pkcs12-cipher.js';
import { PURPOSE, derive, hmac, pbkdf2, plainForms, wideForms } from './pkcs12-key.js';

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const BAG = '1.2.840.113549.1.12.10.1.';
const X509 = '1.2.840.113549.1.9.22.1';
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
const PBMAC1 = '1.2.840.113549.1.5.14';
const HASHES = {
  '1.3.14.3.2.26': 'SHA-1',
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
  '1.2.840.113549.2.9': 'SHA-256',
  '1.2.840.113549.2.11': 'SHA-512',
};
const NESTED = 8;

/** Why a file was not opened; `reason` names the text for people. */
export class Pkcs12Error extends Error {
  constructor(reason, options) {
    super(reason, options);
    this.reason = reason;
  }
}

function fail(reason) {
  throw new Pkcs12Error(reason);
}

function isAsn1(octets) {
  try {
    inside(read(octets, true));
    return true;
  } catch {
    return false;
  }
}

/** PBMAC1 (RFC 9579): PBKDF2 and HMAC, with the password in UTF-8. */
async function rightByPbmac1(parameters, digest, password, octets) {
  const [derivation, scheme] = inside(parameters);
  const { hash, salt, iterations, size } = readPbkdf2(derivation);
  const mac = HASHES[readOid(inside(scheme)[0])] ?? fail('unsupported');
  for (const plain of plainForms(password)) {
    const key = await pbkdf2(hash, plain, salt, iterations, size);
    if (equal(await hmac(mac, key, octets), digest)) return true;
  }
  return false;
}

/** Whether the file's own check sum (RFC 7292 §4) fits the password. */
async function passwordFits(macData, password, octets) {
  const [digestInfo, salt, count] = inside(macData);
  const [algorithm, value] = inside(digestInfo);
  const [type, parameters] = inside(algorithm);
  const digest = stringOctets(value);
  if (readOid(type) === PBMAC1) return rightByPbmac1(parameters, digest, password, octets);
  const hash = HASHES[readOid(type)] ?? fail('unsupported');
  for (const wide of wideForms(password)) {
    const key = await derive(hash, PURPOSE.MAC, wide, stringOctets(salt), checkedIterations(count), digest.length);
    if (equal(await hmac(hash, key, octets), digest)) return true;
  }
  return false;
}

function localKeyId(attributes) {
  for (const attribute of attributes ? inside(attributes) : []) {
    const [type, values] = inside(attribute);
    if (readOid(type) === LOCAL_KEY_ID) return stringOctets(inside(values)[0]);
  }
  return null;
}

async function readBag(bag, password, found, depth) {
  const [type, wrapped, attributes] = inside(bag);
  const kind = readOid(type);
  const [value] = inside(wrapped);
  if (kind === `${BAG}1`) {
    found.keys.push({ pkcs8: value.whole.slice(), id: localKeyId(attributes) });
  } else if (kind === `${BAG}2`) {
    const [algorithm, encrypted] = inside(value);
    const pkcs8 = await decrypt(algorithm, password, stringOctets(encrypted), isAsn1);
    found.keys.push({ pkcs8: pkcs8 ?? fail('passwordWrong'), id: localKeyId(attributes) });
  } else if (kind === `${BAG}3`) {
    const [form, certificate] = inside(value);
    if (readOid(form) !== X509) return;
    found.certificates.push({ der: stringOctets(inside(certificate)[0]), id: localKeyId(attributes) });
  } else if (kind === `${BAG}6`) {
    await readBags(value, password, found, depth + 1);
  }
}

async function readBags(bags, password, found, depth = 0) {
  if (depth > NESTED) fail('fileWrong');
  for (const bag of inside(expect(bags, TAG.SEQUENCE))) await readBag(bag, password, found, depth);
}

/** EncryptedData (RFC 5652 §8): version, then the type, algorithm and octets of what is encrypted. */
async function openEncrypted(content, password) {
  const [, info] = inside(inside(content)[0]);
  const [, algorithm, encrypted] = inside(info);
  const clear = await decrypt(algorithm, password, stringOctets(encrypted), isAsn1);
  return clear ?? fail('passwordWrong');
}

async function openSafe(safe, password, found) {
  const [type, content] = inside(safe);
  const kind = readOid(type);
  if (kind !== DATA && kind !== ENCRYPTED_DATA) fail('unsupported');
  const octets = kind === DATA ? stringOctets(inside(content)[0]) : await openEncrypted(content, password);
  await readBags(read(octets), password, found);
}

async function open(file, password) {
  const [, authenticated, macData] = inside(expect(read(file), TAG.SEQUENCE));
  const [type, content] = inside(authenticated);
  if (readOid(type) !== DATA) fail('unsupported');
  const octets = stringOctets(inside(expect(content, context(0)))[0]);
  if (macData && !(await passwordFits(macData, password, octets))) fail('passwordWrong');
  const found = { certificates: [], keys: [] };
  for (const safe of inside(read(octets))) await openSafe(safe, password, found);
  return found;
}

/** {certificates: [{der, id}], keys: [{pkcs8, id}]}; Pkcs12Error: fileWrong, passwordWrong, unsupported. */
export async function openPkcs12(file, password) {
  try {
    return await open(file, password);
  } catch (cause) {
    if (cause instanceof UnsupportedError) throw new Pkcs12Error('unsupported', { cause });
    if (cause instanceof DerError || cause instanceof TypeError) throw new Pkcs12Error('fileWrong', { cause });
    throw cause;
  }
}
