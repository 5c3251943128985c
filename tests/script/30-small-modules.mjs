// SPDX-License-Identifier: EUPL-1.2
// The small modules that need no page.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { fromBase64, fromBase64Url, toBase64, toBase64Url } from '../../assets/script/encoding.js';
import * as der from '../../assets/script/der.js';
import { credentialToJson, optionsFromJson } from '../../assets/script/passkey.js';
import { judge } from '../../assets/script/password-strength.js';
import { answer, solve } from '../../assets/script/proof.js';
import { sha256Hex, sha256Rounds } from '../../assets/script/sha256.js';

const sha256 = (octets) => createHash('sha256').update(octets).digest('hex');

test('SHA-256 of every length around a block', () => {
  for (let length = 0; length < 200; length++) {
    const octets = Uint8Array.from({ length }, (_, at) => (at * 37 + length) & 0xff);
    assert.equal(sha256Hex(octets), sha256(octets));
  }
});

test('SHA-256 over and over', () => {
  let digest = Buffer.from('a long salt and a password, longer than a block is, so that it takes two of them at the start');
  const octets = new Uint8Array(digest);
  for (let round = 0; round < 1000; round++) digest = createHash('sha256').update(digest).digest();
  assert.deepEqual(Buffer.from(sha256Rounds(octets, 1000)), digest);
});

test('the work of a security code', () => {
  const salt = 'a1b2c3?expires=1790000000';
  const challenge = { algorithm: 'SHA-256', salt, challenge: sha256(`${salt}7321`), maxnumber: 20000, signature: 'abc' };
  const parts = [];
  assert.equal(solve(challenge, (part) => parts.push(part)), 7321);
  assert.equal(parts.length, 1);
  const said = JSON.parse(Buffer.from(answer(challenge, 7321), 'base64'));
  assert.deepEqual(said, { algorithm: 'SHA-256', challenge: challenge.challenge, number: 7321, salt, signature: 'abc' });
  assert.equal(solve({ ...challenge, maxnumber: 100 }), -1);
  assert.equal(solve({ ...challenge, algorithm: 'SHA-1' }), -1);
});

test('the work is quick enough: 100,000 numbers in less than ten seconds of processor', () => {
  const began = process.cpuUsage(); // on a busy machine the clock says nothing
  assert.equal(solve({ algorithm: 'SHA-256', salt: 'x', challenge: '', maxnumber: 100_000 }), -1);
  assert.ok(process.cpuUsage(began).user < 10_000_000);
});

test('base64 both ways', () => {
  const octets = Uint8Array.from({ length: 70_000 }, (_, at) => at & 0xff);
  assert.deepEqual(fromBase64(toBase64(octets)), octets);
  assert.deepEqual(fromBase64Url(toBase64Url(octets)), octets);
  assert.equal(toBase64Url(Uint8Array.of(0xfb, 0xff)), '-_8');
});

test('ASN.1: object identifiers, numbers, times, order of sets', () => {
  for (const text of ['1.2.840.113549.1.9.16.2.47', '2.16.840.1.101.3.4.2.1', '0.9.2342.19200300.100.1.1', '2.5.4.3']) {
    assert.equal(der.readOid(der.read(der.oid(text))), text);
  }
  assert.deepEqual([...der.integer(Uint8Array.of(0, 0, 0x80))], [2, 2, 0, 0x80]);
  assert.deepEqual([...der.integer(Uint8Array.of(0, 0))], [2, 1, 0]);
  const moment = new Date('2026-11-22T05:06:07.000Z');
  assert.equal(der.readTime(der.read(der.time(moment))).getTime(), moment.getTime());
  const late = new Date('2051-01-02T03:04:05.000Z');
  assert.equal(der.readTime(der.read(der.time(late))).getTime(), late.getTime());
  const set = der.setOf(Uint8Array.of(4, 1, 9), Uint8Array.of(4, 1, 2), Uint8Array.of(2, 1, 9));
  assert.deepEqual([...set], [0x31, 9, 2, 1, 9, 4, 1, 2, 4, 1, 9]);
});

test('ASN.1: hostile lengths and depths end', () => {
  const deep = new Uint8Array(10_000).fill(0x30);
  for (let at = 1; at < deep.length; at += 2) deep[at] = 0x80;
  for (const octets of [[], [0x30], [0x30, 0x84, 0xff, 0xff, 0xff, 0xff], [0x1f, 1, 0], [4, 0x80, 0, 0], [0x30, 0x85, 1, 1, 1, 1, 1]]) {
    assert.throws(() => der.read(Uint8Array.from(octets)), der.DerError);
  }
  assert.throws(() => der.read(deep), der.DerError);
  const pieces = Uint8Array.of(0x24, 0x80, 4, 1, 7, 0x24, 3, 4, 1, 8, 0, 0);
  assert.deepEqual([...der.stringOctets(der.read(pieces))], [7, 8]);
});

test('passwords: what the server refuses, and what is good', () => {
  const own = 'María Quispe Huamán 45678912 mquispe';
  assert.deepEqual(judge('corta1', own), { level: 0, hint: 'short' });
  assert.deepEqual(judge('8391027465', own), { level: 0, hint: 'digits' });
  assert.deepEqual(judge('Quispe-2026!', own), { level: 0, hint: 'similar' });
  assert.deepEqual(judge('HUAMÁN45678912', own), { level: 0, hint: 'similar' });
  assert.deepEqual(judge('huaman, tren de lluvia', own), { level: 4, hint: '' });
  assert.deepEqual(judge('aaaabbbbaaaa', own), { level: 1, hint: 'repeated' });
  assert.equal(judge('gatomesa', own).level, 1);
  assert.equal(judge('gato7mesa9', own).level, 2);
  assert.equal(judge('gato7mesa9luz', own).level, 3);
  assert.equal(judge('Tr3n de lluvia, norte', own).level, 4);
});

test('passkeys: JSON to octets and back', () => {
  const options = optionsFromJson({ publicKey: { challenge: 'AQID', user: { id: 'BA', name: 'u' }, excludeCredentials: [{ id: 'BQ', type: 'public-key' }] } });
  assert.deepEqual([...options.challenge], [1, 2, 3]);
  assert.deepEqual([...options.user.id], [4]);
  assert.deepEqual([...options.excludeCredentials[0].id], [5]);
  const json = credentialToJson({
    id: 'Bg', rawId: Uint8Array.of(6).buffer, type: 'public-key', getClientExtensionResults: () => ({}),
    response: { clientDataJSON: Uint8Array.of(7).buffer, signature: Uint8Array.of(8).buffer, userHandle: null },
  });
  assert.deepEqual(json.response, { clientDataJSON: 'Bw', signature: 'CA' });
});
