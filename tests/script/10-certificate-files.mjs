// SPDX-License-Identifier: EUPL-1.2
// Certificate files of several programs, opened by assets/script; what they sign is checked by openssl.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import test from 'node:test';
import { webcrypto } from 'node:crypto';
import { bytes, has, makeAuthority, makeFile, makeFileByJava, makeFileByNss, makePerson, openssl, path } from './certificates.mjs';

globalThis.crypto ??= webcrypto;
const { OpenedCertificate } = await import('../../assets/script/opened-certificate.js');

const PASSWORD = 'clave-de-prueba';
const TEXT = new TextEncoder().encode('refrenda-login-v1\nhttps://firma.example\n');
makeAuthority();
for (const kind of ['rsa', 'p256', 'p384', 'p521']) makePerson(kind, kind);
for (const kind of ['rsa', 'p256', 'p384', 'p521']) makeFile(`${kind}.p12`, kind, PASSWORD);

async function opensAndSigns(file, person, password = PASSWORD) {
  const octets = bytes(file);
  const opened = await OpenedCertificate.open(octets, password);
  assert.deepEqual(Buffer.from(opened.certificateDer), Buffer.from(bytes(`${person}.der`)));
  assert.ok(octets.every((octet) => octet === 0), 'the file is wiped');
  writeFileSync(path('text'), TEXT);
  writeFileSync(path('signature'), await opened.sign(TEXT));
  openssl('x509', '-in', `${person}.pem`, '-pubkey', '-noout', '-out', 'public.pem');
  assert.match(String(openssl('dgst', '-sha256', '-verify', 'public.pem', '-signature', 'signature', 'text')), /Verified OK/);
  return opened;
}

async function fails(reason, file, password = PASSWORD, now = undefined) {
  await assert.rejects(OpenedCertificate.open(typeof file === 'string' ? bytes(file) : file, password, now), { reason });
}

for (const kind of ['rsa', 'p256', 'p384', 'p521']) {
  test(`a file with a key ${kind} opens and signs`, () => opensAndSigns(`${kind}.p12`, kind));
}

test('the certificate says whose it is, and until when', async () => {
  const { certificate } = await opensAndSigns('p256.p12', 'p256');
  assert.equal(certificate.name, 'Íñigo Núñez (p256)');
  assert.ok(certificate.to > new Date());
});

test('the key cannot be read any more', async () => {
  const opened = await OpenedCertificate.open(bytes('rsa.p12'), PASSWORD);
  assert.deepEqual(Object.keys(opened), []);
  assert.equal(JSON.stringify(opened), '{}');
});

const OLD = {
  'RC2-40 and 3DES, as of old': ['-legacy'],
  '3DES for both': ['-legacy', '-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES'],
  '3DES with two keys': ['-legacy', '-keypbe', 'PBE-SHA1-2DES', '-certpbe', 'PBE-SHA1-RC2-128'],
  'the certificate in the clear': ['-certpbe', 'NONE'],
  'no check sum': ['-nomac'],
  'one iteration': ['-iter', '1'],
  'AES-128 and a check sum of SHA-512': ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-128-CBC', '-macalg', 'SHA512'],
  'a check sum of SHA-1': ['-macalg', 'SHA1'],
  'PBES2 with 3DES': ['-legacy', '-keypbe', 'DES-EDE3-CBC', '-certpbe', 'DES-EDE3-CBC'],
};
for (const [name, options] of Object.entries(OLD)) {
  test(`a file with ${name} opens`, async () => {
    makeFile('some.p12', 'rsa', PASSWORD, ...options);
    await opensAndSigns('some.p12', 'rsa');
    makeFile('some.p12', 'rsa', PASSWORD, ...options);
    await fails('passwordWrong', 'some.p12', 'otra');
  });
}

for (const password of ['contraseña', 'clave-€-Ω', 'llave-\u{1F511}', 'con\u0303', '']) {
  test(`the password "${password}" in today's and in old files`, async () => {
    for (const options of [[], ['-legacy']]) {
      makeFile('some.p12', 'p256', password, ...options);
      await opensAndSigns('some.p12', 'p256', password);
    }
  });
}

test('a decomposed ñ that a keyboard gives is the composed one of the file', async () => {
  makeFile('some.p12', 'p256', 'contraseña'.normalize('NFC'));
  await opensAndSigns('some.p12', 'p256', 'contraseña'.normalize('NFD'));
});

test('files of Java', { skip: !has('keytool') && 'no keytool' }, async () => {
  makeFileByJava('java.p12', 'rsa.p12', PASSWORD);
  await opensAndSigns('java.p12', 'rsa');
});

test('files of NSS, with indefinite lengths', { skip: !has('pk12util') && 'no pk12util' }, async () => {
  makeFileByNss('nss.p12', 'rsa.p12', PASSWORD);
  await opensAndSigns('nss.p12', 'rsa');
});

test('files of NSS with an ñ in the password', { skip: !has('pk12util') && 'no pk12util' }, async () => {
  makeFile('accent.p12', 'rsa', 'contraseña');
  makeFileByNss('nss-accent.p12', 'accent.p12', 'contraseña');
  await opensAndSigns('nss-accent.p12', 'rsa', 'contraseña');
});

test('what cannot be opened says why', async () => {
  await fails('passwordWrong', 'rsa.p12', 'otra');
  await fails('passwordWrong', 'rsa.p12', '');
  await fails('fileWrong', 'rsa.pem');
  await fails('fileWrong', new Uint8Array(0));
  openssl('pkcs12', '-export', '-nokeys', '-in', 'rsa.pem', '-passout', `pass:${PASSWORD}`, '-out', 'nokey.p12');
  await fails('noKey', 'nokey.p12');
  openssl('pkcs12', '-export', '-nocerts', '-inkey', 'rsa.key', '-passout', `pass:${PASSWORD}`, '-out', 'nocert.p12');
  await fails('noCertificate', 'nocert.p12');
  makePerson('ed25519', 'ed25519');
  makeFile('ed25519.p12', 'ed25519', PASSWORD);
  await fails('unsupported', 'ed25519.p12');
  await fails('expired', 'rsa.p12', PASSWORD, new Date(Date.now() + 40 * 86400e3));
  await fails('notYet', 'rsa.p12', PASSWORD, new Date(Date.now() - 86400e3));
});

test("another person's certificate is not taken for the key's", async () => {
  openssl('pkcs12', '-export', '-nocerts', '-inkey', 'rsa.key', '-passout', `pass:${PASSWORD}`, '-out', 'some.p12');
  openssl('pkcs12', '-export', '-inkey', 'p256.key', '-in', 'p256.pem', '-certfile', 'rsa.pem', '-passout', `pass:${PASSWORD}`, '-out', 'two.p12');
  await opensAndSigns('two.p12', 'p256');
});

test('a damaged file is refused, wherever it is cut or changed', async () => {
  makeFile('small.p12', 'p256', PASSWORD, '-iter', '1', '-nomac');
  const whole = bytes('small.p12');
  for (let at = 0; at < whole.length; at += 7) {
    await assert.rejects(OpenedCertificate.open(whole.slice(0, at), PASSWORD), (error) => typeof error.reason === 'string');
    const changed = whole.slice();
    changed[at] ^= 0x55;
    await OpenedCertificate.open(changed, PASSWORD).catch((error) => assert.equal(typeof error.reason, 'string', String(error)));
  }
});
