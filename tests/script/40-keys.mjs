// SPDX-License-Identifier: EUPL-1.2
// Keys that people make in their browser, judged by other programs: the request and the key file by openssl; the .p12 that comes of
// certificate and key by openssl, GnuTLS, NSS, Java, and the command refrenda.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { webcrypto } from 'node:crypto';
import test from 'node:test';
import { join, resolve } from 'node:path';
import { bytes, folder, has, makeAuthority, makePerson, openssl, path, run } from './certificates.mjs';

globalThis.crypto ??= webcrypto;
const { makeKey } = await import('../../assets/script/key-request.js');
const { joinKey } = await import('../../assets/script/key-join.js');
const { readKeyFile, writeKeyFile } = await import('../../assets/script/key-file.js');
const { OpenedCertificate } = await import('../../assets/script/opened-certificate.js');

const PASSWORD = 'tres gallinas y un tren';
const SUBJECT = { name: 'MARÍA ÑAÑA QUISPE', number: 'QUMM800101MDFXXX09' };
const REFRENDA = join(resolve(process.env.BUILD ?? 'build'), 'refrenda');
makeAuthority();

/** The certificate of a key that was made here: {chain: [DER of the person's, of the authority's], key: its file}. */
async function issue(name, kind, password = PASSWORD) {
  const made = await makeKey(kind, password, SUBJECT);
  writeFileSync(path(`${name}.csr.der`), made.request);
  writeFileSync(path(`${name}.key`), made.file);
  writeFileSync(path(`${name}.ext`), 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature,nonRepudiation\n');
  openssl('x509', '-req', '-inform', 'DER', '-in', `${name}.csr.der`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial',
    '-extfile', `${name}.ext`, '-days', '30', '-out', `${name}.pem`);
  openssl('x509', '-in', `${name}.pem`, '-outform', 'DER', '-out', `${name}.der`);
  openssl('x509', '-in', 'ca.pem', '-outform', 'DER', '-out', 'ca.der');
  return { ...made, chain: [bytes(`${name}.der`), bytes('ca.der')] };
}

async function makeP12(name, kind, password = PASSWORD, label = 'María Ñaña') {
  const { chain } = await issue(name, kind, password);
  writeFileSync(path(`${name}.p12`), await joinKey(bytes(`${name}.key`), password, chain, label));
  return chain;
}

/** One of each kind, for all who only look: the derivations are slow on purpose. */
const persons = { 'P-256': makeP12('person-P-256', 'P-256'), 'RSA-2048': makeP12('person-RSA-2048', 'RSA-2048') };

for (const kind of ['P-256', 'RSA-2048']) {
  test(`the request of a key ${kind} proves that one has it`, async () => {
    const made = await makeKey(kind, PASSWORD, SUBJECT);
    writeFileSync(path('some.csr'), made.request);
    openssl('req', '-inform', 'DER', '-in', 'some.csr', '-verify', '-noout');
    const text = String(openssl('req', '-inform', 'DER', '-in', 'some.csr', '-noout', '-subject', '-nameopt', 'utf8,sep_comma_plus'));
    assert.match(text, /CN=MARÍA ÑAÑA QUISPE,serialNumber=QUMM800101MDFXXX09/);
    assert.match(made.name, /^clave-\d{8}-[0-9A-F]{4}\.key$/);
    const spki = openssl('pkey', '-in', (writeFileSync(path('some.key'), made.file), 'some.key'), '-passin', `pass:${PASSWORD}`, '-pubout', '-outform', 'DER');
    assert.equal(Buffer.from(await crypto.subtle.digest('SHA-256', spki)).toString('hex'), made.id);
  });

  test(`the key file ${kind} is encrypted as it says`, async () => {
    const made = await makeKey(kind, PASSWORD, SUBJECT);
    writeFileSync(path('some.key'), made.file);
    openssl('pkcs8', '-in', 'some.key', '-passin', `pass:${PASSWORD}`, '-out', 'clear.key');
    const parts = String(openssl('asn1parse', '-in', 'some.key'));
    assert.match(parts, /PBES2[\s\S]*PBKDF2[\s\S]*:0927C0[\s\S]*hmacWithSHA256[\s\S]*aes-256-cbc/);
    assert.throws(() => openssl('pkcs8', '-in', 'some.key', '-passin', 'pass:otra', '-out', 'clear.key'));
  });

  test(`openssl opens the .p12 of a key ${kind}, and finds the chain and the names`, async () => {
    await persons[kind];
    const text = String(openssl('pkcs12', '-in', `person-${kind}.p12`, '-passin', `pass:${PASSWORD}`, '-nodes'));
    assert.match(text, /friendlyName: /);
    assert.equal(text.match(/localKeyID/g).length, 2);
    assert.equal(text.match(/BEGIN CERTIFICATE/g).length, 2);
    assert.equal(text.match(/BEGIN PRIVATE KEY/g).length, 1);
    assert.throws(() => openssl('pkcs12', '-in', `person-${kind}.p12`, '-passin', 'pass:otra', '-nodes'));
  });

  test(`GnuTLS opens it (${kind})`, { skip: !has('certtool') && 'no certtool' }, async () => {
    await persons[kind];
    const text = String(run('certtool', '--p12-info', '--inder', '--infile', `person-${kind}.p12`, '--password', PASSWORD));
    assert.match(text, /MAC: SHA256/);
    assert.match(text, /Iteration count: 100000/);
    assert.match(text, /BEGIN CERTIFICATE/);
  });

  test(`NSS takes it in (${kind})`, { skip: !has('pk12util') && 'no pk12util' }, async () => {
    const db = `nss-${kind}`;
    await persons[kind];
    mkdirSync(path(db));
    writeFileSync(path('password'), PASSWORD);
    run('certutil', '-N', '-d', `sql:${db}`, '--empty-password');
    run('pk12util', '-i', `person-${kind}.p12`, '-d', `sql:${db}`, '-w', 'password', '-K', '');
    assert.match(String(run('certutil', '-K', '-d', `sql:${db}`)), /María Ñaña/);
  });

  test(`Java lists it (${kind})`, { skip: !has('keytool') && 'no keytool' }, async () => {
    await persons[kind];
    const text = String(run('keytool', '-J-Duser.language=en', '-list', '-v', '-keystore', `person-${kind}.p12`, '-storetype', 'PKCS12', '-storepass', PASSWORD));
    assert.match(text, /PrivateKeyEntry/);
    assert.match(text, /chain length: 2/);
  });

  test(`our own page opens it (${kind})`, async () => {
    const chain = await persons[kind];
    const opened = await OpenedCertificate.open(bytes(`person-${kind}.p12`), PASSWORD);
    assert.deepEqual(Buffer.from(opened.certificateDer), Buffer.from(chain[0]));
  });

  test(`the command refrenda signs with it (${kind})`, { skip: !has(REFRENDA) && 'no refrenda' }, async () => {
    await persons[kind];
    writeFileSync(path('password'), `${PASSWORD}\n`);
    writeFileSync(path('some.pdf'), onePage());
    run(REFRENDA, 'sign', 'some.pdf', '--p12', `person-${kind}.p12`, '--pass-file', 'password', '--level', 'B-B', '--force', '-o', 'signed.pdf');
    assert.ok(readFileSync(path('signed.pdf')).includes('/ByteRange'));
  });
}

/** The least that is a PDF. */
function onePage() {
  const objects = ['<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Kids[3 0 R]/Count 1>>', '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>'];
  let text = '%PDF-1.7\n';
  const offsets = objects.map((object, at) => {
    const offset = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const start = text.length;
  text += `xref\n0 4\n0000000000 65535 f \n${offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')}`;
  return `${text}trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`;
}

const OTHERS = { certtool: (password) => run('certtool', '--p12-info', '--inder', '--infile', 'odd.p12', '--password', password) };
for (const password of ['contraseña ñandú', 'clave-€-Ω', 'llave-\u{1F511}', 'con\u0303 tilde suelta']) {
  test(`the password "${password}"`, async () => {
    await makeP12('odd', 'P-256', password);
    const typed = password.normalize('NFC');
    openssl('pkcs12', '-in', 'odd.p12', '-passin', `pass:${typed}`, '-nodes', '-out', 'all.pem');
    openssl('pkcs8', '-in', 'odd.key', '-passin', `pass:${typed}`, '-out', 'clear.key');
    await OpenedCertificate.open(bytes('odd.p12'), password);
    if (has('certtool')) OTHERS.certtool(typed);
    if (!has('pk12util')) return;
    writeFileSync(path('odd.password'), typed);
    run('pk12util', '-l', 'odd.p12', '-d', `sql:${folder}/none`, '-w', 'odd.password');
  });
}

test('a name that is not ASCII comes through', async () => {
  const { chain } = await issue('name', 'P-256');
  writeFileSync(path('name.p12'), await joinKey(bytes('name.key'), PASSWORD, chain, 'Ñandú €uro \u{1F511}'));
  const parts = openssl('pkcs12', '-in', 'name.p12', '-passin', `pass:${PASSWORD}`, '-nodes', '-nokeys').toString('latin1');
  assert.match(parts, /friendlyName: Ñandú/); // openssl writes the high half away: Latin-1
});

test('key files of other programs are joined, too', async () => {
  const { chain } = await issue('other', 'RSA-2048');
  openssl('pkcs8', '-in', 'other.key', '-passin', `pass:${PASSWORD}`, '-out', 'other.clear');
  const ways = {
    'PEM without password': ['pkcs8', '-topk8', '-nocrypt', '-in', 'other.clear'],
    'DER without password': ['pkcs8', '-topk8', '-nocrypt', '-in', 'other.clear', '-outform', 'DER'],
    'DER, as the tax authority of Mexico gives it': ['pkcs8', '-topk8', '-v2', 'des3', '-in', 'other.clear', '-passout', `pass:${PASSWORD}`, '-outform', 'DER'],
    'AES-128': ['pkcs8', '-topk8', '-v2', 'aes-128-cbc', '-in', 'other.clear', '-passout', `pass:${PASSWORD}`],
  };
  for (const [name, options] of Object.entries(ways)) {
    openssl(...options, '-out', 'odd.file');
    assert.ok((await joinKey(bytes('odd.file'), PASSWORD, chain, 'x')).length > 1000, name);
  }
});

test('what cannot be joined says why', async () => {
  const { chain } = await issue('one', 'P-256');
  const { chain: others } = await issue('two', 'P-256');
  makePerson('three', 'rsa');
  const attempt = (file, password, certificates) => joinKey(typeof file === 'string' ? bytes(file) : file, password, certificates, 'x');
  await assert.rejects(attempt('one.key', 'otra', chain), { reason: 'passwordWrong' });
  await assert.rejects(attempt('one.key', '', chain), { reason: 'passwordMissing' });
  await assert.rejects(attempt('one.key', PASSWORD, others), { reason: 'notThisKey' });
  await assert.rejects(attempt('one.key', PASSWORD, [bytes('three.der')]), { reason: 'notThisKey' });
  await persons['P-256'];
  await assert.rejects(attempt('person-P-256.p12', PASSWORD, chain), { reason: 'fileWrong' }); // begins as a key does
  for (const wrong of ['one.pem', 'one.der', 'one.csr.der']) await assert.rejects(attempt(wrong, PASSWORD, chain), { reason: 'fileWrong' });
  await assert.rejects(attempt(new Uint8Array(0), PASSWORD, chain), { reason: 'fileWrong' });
  const whole = Buffer.from(await writeKeyFile(await readKeyFile(bytes('one.key'), PASSWORD), PASSWORD));
  const pem = String(whole).replaceAll('\n', '');
  for (let at = 10; at < pem.length; at += 61) {
    await assert.rejects(attempt(new TextEncoder().encode(pem.slice(0, at)), PASSWORD, chain), (error) => typeof error.reason === 'string');
  }
});

test('nothing of the key is in what is sent', async () => {
  const made = await makeKey('P-256', PASSWORD, SUBJECT);
  const clear = Buffer.from(await readKeyFile(new TextEncoder().encode(made.file), PASSWORD));
  const secret = clear.subarray(clear.indexOf(Buffer.from([4, 32])) + 2).subarray(0, 32);
  assert.ok(!Buffer.from(made.request).includes(secret));
  assert.ok(!Buffer.from(made.file).includes(secret));
});
