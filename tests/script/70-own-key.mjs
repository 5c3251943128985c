// SPDX-License-Identifier: EUPL-1.2
// Signing documents with a certificate of one's own: which files open, and what the page's script does not sign.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createHash, webcrypto } from 'node:crypto';
import { bytes, makeAuthority, makeFile, makePerson, openssl } from './certificates.mjs';

globalThis.crypto ??= webcrypto;
const { octetString, oid, sequence, setOf, time } = await import('../../assets/script/der.js');
const { concat } = await import('../../assets/script/encoding.js');
const { signingCertificate } = await import('../../assets/script/cms-sign.js');
const { openOwn } = await import('../../assets/script/own-key.js');
const { checkPrepared, readAttributes } = await import('../../assets/script/prepared-document.js');

const sha256 = (octets) => new Uint8Array(createHash('sha256').update(octets).digest());
const hex = (octets) => Buffer.from(octets).toString('hex');
const text = (word) => new TextEncoder().encode(word);
makeAuthority();
for (const name of ['mine', 'other']) {
  makePerson(name, 'p256');
  makeFile(`${name}.p12`, name, 'clave');
}
const mine = await openOwn(bytes('mine.p12'), 'clave', []);
const other = await openOwn(bytes('other.p12'), 'clave', []);

/* ---- Files ---- */

test('a key file without its certificate is opened with that one of the page which is its', async () => {
  openssl('pkcs12', '-in', 'mine.p12', '-passin', 'pass:clave', '-nocerts', '-nodes', '-out', 'plain.pem');
  openssl('pkcs8', '-topk8', '-in', 'plain.pem', '-v2', 'aes-256-cbc', '-passout', 'pass:otra', '-out', 'mine.key');
  openssl('pkcs8', '-topk8', '-in', 'plain.pem', '-v2', 'aes-256-cbc', '-passout', 'pass:otra', '-outform', 'DER', '-out', 'mine.der');
  const all = [other.certificateDer, mine.certificateDer];
  for (const name of ['mine.key', 'mine.der']) {
    const opened = await openOwn(bytes(name), 'otra', all);
    assert.equal(opened.serial, mine.serial);
  }
  await assert.rejects(openOwn(bytes('mine.key'), 'otra', [other.certificateDer]), { reason: 'notThisKey' });
  await assert.rejects(openOwn(bytes('mine.key'), 'otra', []), { reason: 'notThisKey' });
  await assert.rejects(openOwn(bytes('mine.key'), 'mal', all), { reason: 'passwordWrong' });
  await assert.rejects(openOwn(bytes('mine.p12'), 'mal', all), { reason: 'passwordWrong' });
  await assert.rejects(openOwn(text('nothing of the kind'), 'otra', all), { reason: 'fileWrong' });
});

/* ---- Attributes ---- */

const DIGEST = sha256(text('a prepared file'));
const attribute = (type, ...values) => sequence(oid(type), setOf(...values));
const contentType = attribute('1.2.840.113549.1.9.3', oid('1.2.840.113549.1.7.1'));
const messageDigest = attribute('1.2.840.113549.1.9.4', octetString(DIGEST));
const certificateOf = async (opened) => attribute('1.2.840.113549.1.9.16.2.47', await signingCertificate(opened.certificate));

test('attributes that name the digest and this certificate', async () => {
  const known = [contentType, messageDigest, await certificateOf(mine)];
  assert.deepEqual(await readAttributes(setOf(...known), mine.certificate), DIGEST);
  const timed = setOf(...known, attribute('1.2.840.113549.1.9.5', time(new Date(0))));
  assert.deepEqual(await readAttributes(timed, mine.certificate), DIGEST);
});

test('anything else is not signed', async () => {
  const own = await certificateOf(mine);
  const twice = sequence(oid('1.2.840.113549.1.9.4'), setOf(octetString(DIGEST), octetString(DIGEST)));
  const wrong = {
    'of another certificate': setOf(contentType, messageDigest, await certificateOf(other)),
    'without a certificate': setOf(contentType, messageDigest),
    'without a digest': setOf(contentType, own),
    'with two digests': setOf(contentType, messageDigest, attribute('1.2.840.113549.1.9.4', octetString(sha256(text('another')))), own),
    'with two values': setOf(contentType, twice, own),
    'with another content': setOf(attribute('1.2.840.113549.1.9.3', oid('1.2.840.113549.1.9.16.1.4')), messageDigest, own),
    'with an attribute that nobody knows': setOf(contentType, messageDigest, own, attribute('1.3.6.1.4.1.99999.1', octetString(DIGEST))),
    'with more behind them': concat(setOf(contentType, messageDigest, own), text('x')),
    'that are a text': text('refrenda-login-v1\nhttps://firma.example\n'),
    'that are a SEQUENCE': sequence(contentType, messageDigest, own),
    'that are empty': setOf(),
  };
  for (const [how, attributes] of Object.entries(wrong)) {
    await assert.rejects(readAttributes(attributes, mine.certificate), undefined, how);
  }
});

/* ---- The prepared file ---- */

const SHOWN = text('%PDF-1.7 what was shown %%EOF\n');
const BEFORE = text('1 0 obj << /Contents ');
const HOLE = text('<0000000000>');
const AFTER = text(' >> endobj %%EOF\n');

function prepared(parts = [SHOWN, BEFORE, HOLE, AFTER]) {
  const file = concat(...parts);
  const holeOffset = parts[0].length + parts[1].length;
  const told = { size: file.length, holeOffset, holeLength: parts[2].length, digest: sha256(concat(parts[0], parts[1], parts[3])) };
  return { file, told, shown: { hash: hex(sha256(SHOWN)), octets: SHOWN.length } };
}

test('a prepared file that is what was shown, with room for one signature', async () => {
  const { file, told, shown } = prepared();
  await checkPrepared(file, told, shown);
});

test('a prepared file that is not is not signed', async () => {
  const good = prepared();
  const different = SHOWN.slice();
  different[12] ^= 1;
  const wrong = {
    'another document': prepared([different, BEFORE, HOLE, AFTER]),
    'something before it': prepared([concat(text(' '), SHOWN), BEFORE, HOLE, AFTER]),
    'no zeros in the hole': prepared([SHOWN, BEFORE, text('<00000f0000>'), AFTER]),
    'no hole': prepared([SHOWN, BEFORE, text('(0000000000)'), AFTER]),
    'a hole in the document': { ...good, told: { ...good.told, holeOffset: 4 } },
    'a hole beyond the end': { ...good, told: { ...good.told, holeLength: 1000 } },
    'another digest': { ...good, told: { ...good.told, digest: sha256(text('another')) } },
    'a hole that is no number': { ...good, told: { ...good.told, holeOffset: String(good.told.holeOffset) } },
    'another length': { ...good, told: { ...good.told, size: good.file.length + 1 } },
    'less than was shown': { ...good, shown: { ...good.shown, octets: good.file.length + 1 } },
  };
  for (const [how, { file, told, shown }] of Object.entries(wrong)) {
    await assert.rejects(checkPrepared(file, told, shown), undefined, how);
  }
});
