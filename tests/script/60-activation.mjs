// SPDX-License-Identifier: EUPL-1.2
// Password and code on their way to the personal keeper: RFC 9180's vectors, the operation's text that is read before it is
// agreed to, the info that binds both, and the QR code of an authenticator app, read by zbarimg.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import test from 'node:test';
import { has, path } from './certificates.mjs';

globalThis.crypto ??= webcrypto;
const { makeReceiver, open, pointOfKey, pointOfReceiver, seal } = await import('../../assets/script/hpke.js');
const { progressOf } = await import('../../assets/script/activation.js');
const { activationInfo, readOperation } = await import('../../assets/script/operation-text.js');
const { modulesOf } = await import('../../assets/script/qr.js');

const hex = (text) => Uint8Array.from(Buffer.from(text, 'hex'));
const utf8 = (text) => new TextEncoder().encode(text);
const CURVE = { name: 'ECDH', namedCurve: 'P-256' };

/* ---- RFC 9180 ---- */

// Appendix A.3.1: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM; the first message of base mode.
const A31 = {
  info: hex('4f6465206f6e2061204772656369616e2055726e'),
  ephemeral: ['4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb', '04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4'],
  recipient: ['f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2', '04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0'],
  plain: hex('4265617574792069732074727574682c20747275746820626561757479'),
  aad: hex('436f756e742d30'),
  sealed: '5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434',
};

async function pairOf([secret, point]) {
  const [x, y] = [hex(point).slice(1, 33), hex(point).slice(33)].map((part) => Buffer.from(part).toString('base64url'));
  const jwk = { kty: 'EC', crv: 'P-256', x, y, d: Buffer.from(hex(secret)).toString('base64url') };
  return {
    privateKey: await crypto.subtle.importKey('jwk', jwk, CURVE, false, ['deriveBits']),
    publicKey: await crypto.subtle.importKey('raw', hex(point), CURVE, true, []),
  };
}

test('seals as RFC 9180 A.3.1 does, and opens it', async () => {
  const pair = await pairOf(A31.ephemeral);
  const recipient = await pairOf(A31.recipient);
  const made = await seal(hex(A31.recipient[1]), A31.info, A31.plain, { aad: A31.aad, pair, size: 16 });
  assert.equal(Buffer.from(made.encapsulated).toString('hex'), A31.ephemeral[1]);
  assert.equal(Buffer.from(made.sealed).toString('hex'), A31.sealed);
  assert.deepEqual(await open(recipient, A31.info, made, { aad: A31.aad, size: 16 }), A31.plain);
});

test('AES-256-GCM: opens for the receiver with the same info, and in no other way', async () => {
  const receiver = await makeReceiver();
  const info = utf8('refrenda-activation-1\0info');
  const made = await seal(await pointOfReceiver(receiver), info, utf8('{"code":"123456"}'));
  assert.deepEqual(await open(receiver, info, made), utf8('{"code":"123456"}'));
  await assert.rejects(open(receiver, utf8('refrenda-activation-1\0other'), made));
  await assert.rejects(open(await makeReceiver(), info, made));
  const changed = { ...made, sealed: made.sealed.map((octet, at) => (at === 3 ? octet ^ 1 : octet)) };
  await assert.rejects(open(receiver, info, changed));
  const again = await seal(await pointOfReceiver(receiver), info, utf8('{"code":"123456"}'));
  assert.notDeepEqual(again.sealed, made.sealed); // a key of its own for each message
});

test('a key is taken as SubjectPublicKeyInfo and as a point; what is no point is refused', async () => {
  const { publicKey } = await makeReceiver();
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey));
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', publicKey));
  assert.deepEqual(await pointOfKey(spki), point);
  assert.deepEqual(await pointOfKey(point), point);
  const off = point.slice();
  off[64] ^= 1;
  await assert.rejects(seal(off, utf8('x'), utf8('y')));
});

/* ---- The operation's text ---- */

const SHOWN = createHash('sha256').update('a document').digest('hex');
const HASH = createHash('sha256').update('its attributes').digest('hex');
const CREDENTIAL = '0123456789abcdef0123456789abcdef';
const SIGN = `Refrenda operation 1
kind: sign
credential: ${CREDENTIAL}
portal: Sede electrónica de Villa Ejemplo
digest: SHA-256
document: ${SHOWN} Contrato de obra: anexo Ñ
hash: ${HASH}
document: ${SHOWN} Otro
hash: ${HASH}
time: 2026-11-22T01:02:03Z
`;
const OF_DOCUMENTS = SIGN.replace('digest: SHA-256\n', 'digest: SHA-256\nof: documents\n');
const GENERATE = `Refrenda operation 1\nkind: generate\napproval: ${SHOWN}\nportal: Refrenda\ntime: 2026-11-22T01:02:03Z\n`;
const MOBILE = `Refrenda operation 1\nkind: mobile\ncredential: ${CREDENTIAL}\nportal: Refrenda\nmobile: +51999000112\ntime: 2026-11-22T01:02:03Z\n`;

test('what is agreed to is read from the text', () => {
  const signing = readOperation(utf8(SIGN));
  assert.equal(signing.kind, 'sign');
  assert.equal(signing.portal, 'Sede electrónica de Villa Ejemplo');
  assert.deepEqual(signing.documents, [
    { shown: SHOWN, title: 'Contrato de obra: anexo Ñ', hash: HASH },
    { shown: SHOWN, title: 'Otro', hash: HASH },
  ]);
  assert.equal(signing.of, undefined);
  assert.equal(readOperation(utf8(OF_DOCUMENTS)).of, 'documents');
  assert.equal(readOperation(utf8(OF_DOCUMENTS)).documents.length, 2);
  assert.equal(readOperation(utf8(GENERATE)).approval, SHOWN);
  assert.equal(readOperation(utf8(MOBILE)).mobile, '+51999000112');
});

for (const [name, text] of Object.entries({
  'another version': SIGN.replace('operation 1', 'operation 2'),
  'no end of the last line': SIGN.slice(0, -1),
  'one more line': `${SIGN}note: x\n`,
  'a line twice': SIGN.replace('portal:', 'portal: a\nportal:'),
  'lines in another order': SIGN.replace(`credential: ${CREDENTIAL}\n`, '').replace('digest:', `credential: ${CREDENTIAL}\ndigest:`),
  'no document': SIGN.replaceAll(/document: .*\nhash: .*\n/g, ''),
  'a document without its hash': SIGN.replace(`hash: ${HASH}\n`, ''),
  'a hash of another length': SIGN.replace(`hash: ${HASH}`, `hash: ${HASH.slice(2)}`),
  'capital digits': SIGN.replace(CREDENTIAL, CREDENTIAL.toUpperCase()),
  'a control character': SIGN.replace('Otro', 'Ot\u0007ro'),
  'a carriage return': SIGN.replaceAll('\n', '\r\n'),
  'an unknown kind': SIGN.replace('kind: sign', 'kind: everything'),
  'hashes of both kinds': SIGN.replace('digest: SHA-256\n', 'digest: SHA-256\nof: both\n'),
  'an empty title': SIGN.replace(' Otro', ' '),
  'a credential where none belongs': GENERATE.replace('approval', `credential: ${CREDENTIAL}\napproval`),
})) {
  test(`nothing is agreed to with ${name}`, () => assert.throws(() => readOperation(utf8(text))));
}

test('nothing is agreed to that is no UTF-8', () => {
  assert.throws(() => readOperation(Uint8Array.from([...utf8(SIGN), 0xff, 10])));
});

test('the info binds credential, kind, text and nonce', async () => {
  const nonce = new Uint8Array(32).fill(7);
  const octets = utf8(SIGN);
  const wanted = Buffer.concat([Buffer.from(`refrenda-activation-1\0${CREDENTIAL}\0sign\0`), createHash('sha256').update(octets).digest(), nonce]);
  assert.deepEqual(Buffer.from(await activationInfo(octets, readOperation(octets), nonce)), wanted);
  const generate = utf8(GENERATE);
  const info = Buffer.from(await activationInfo(generate, readOperation(generate), nonce));
  assert.equal(info.subarray(22, 22 + 64).toString(), SHOWN);
});

// The same octets are in tests/unit/test_personal_operation.c (test_info_of_an_app).
const TOTP_INFO = 'ce4ed907f27846e231fdf1db118b9d7352f96a3cf20a858b9b39009699516189';

test('the info of an app binds the point that its secret is encrypted to', async () => {
  const nonce = new Uint8Array(32).fill(7);
  const octets = utf8(`Refrenda operation 1\nkind: totp\ncredential: ${CREDENTIAL}\nportal: A\ntime: 2026-11-22T01:02:03Z\n`);
  const operation = readOperation(octets);
  const point = hex(A31.recipient[1]);
  const info = await activationInfo(octets, operation, nonce, point);
  assert.equal(createHash('sha256').update(info).digest('hex'), TOTP_INFO);
  assert.deepEqual(Buffer.from(info.slice(-32)), createHash('sha256').update(point).digest());
  const thief = await pointOfReceiver(await makeReceiver());
  assert.notDeepEqual(await activationInfo(octets, operation, nonce, thief), info);
  await assert.rejects(activationInfo(octets, operation, nonce));
});

/* ---- How far a code is ---- */

test('how far a code is; what a limit answers is none of it', async () => {
  const progress = { ended: false, delivery: 'sent', seconds: 200, again: 30, codes: 5, passwords: 5 };
  const answer = (body, status) => progressOf(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status }));
  assert.deepEqual(await answer(progress, 200), { ...progress, refused: false });
  assert.deepEqual(await answer(progress, 429), { ...progress, refused: true });
  for (const [body, status] of [[{ type: 'about:blank', title: 'Too many tries', status: 429 }, 429], [{ ...progress, seconds: '200' }, 200], [progress, 500], ['<html>', 429], [{}, 200]]) {
    await assert.rejects(answer(body, status));
  }
});

/* ---- QR codes ---- */

function readQr(text) {
  const rows = modulesOf(text);
  const scale = 6;
  const side = (rows.length + 8) * scale;
  const line = (y) => Array.from({ length: side }, (_, x) => (rows[Math.floor(y / scale) - 4]?.[Math.floor(x / scale) - 4] ? 1 : 0)).join(' ');
  writeFileSync(path('qr.pbm'), `P1\n${side} ${side}\n${Array.from({ length: side }, (_, y) => line(y)).join('\n')}\n`);
  return execFileSync('zbarimg', ['-q', '--raw', '--nodbus', path('qr.pbm')], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().replace(/\n$/, '');
}

test('codes of every version are read by another program', { skip: !has('zbarimg') }, () => {
  for (const length of [1, 14, 15, 26, 42, 62, 84, 106, 122, 152, 180, 213]) {
    const text = 'otpauth://totp/Refrenda:IDCPE-00000201?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Sede+ejemplo'.repeat(3).slice(0, length);
    assert.equal(readQr(text), text);
  }
  assert.throws(() => modulesOf('x'.repeat(214)), RangeError);
});
