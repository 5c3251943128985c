// SPDX-License-Identifier: EUPL-1.2
// Signing in with a certificate (spec 5.1, 3.2): opened in the page, and asked for by TLS.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { look, ready, runAll, test, withPage } from './harness.mjs';
import { send } from './people.mjs';
import { startPlatform } from './platform.mjs';
import { has, openssl, path as temporary } from '../script/certificates.mjs';

const PASSWORD = 'contraseña del archivo';
const path = (page) => new URL(page.url()).pathname;

const platform = await startPlatform({ certificates: true });
const agent = platform.issue('elvira.p12', { given: 'ELVIRA', surname: 'IMAGINARIA NÚÑEZ', number: '00000105', password: PASSWORD });
const stranger = platform.issue('nadie.p12', { given: 'NADIE', surname: 'DESCONOCIDO', number: '00000999', password: PASSWORD });

async function choose(page, file, password) {
  await page.goto(`${platform.url}/acceso/certificado`);
  await ready(page);
  await page.setInputFiles('[data-certificate-file]', file);
  await page.fill('[data-certificate-password]', password);
  await send(page, 'form[action="/acceso/certificado"]');
}

test('a certificate opened in the page signs in; file and password stay there', () => withPage({}, async (page) => {
  const sent = [];
  page.on('request', (request) => sent.push(`${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`));
  await choose(page, agent, PASSWORD);
  await page.waitForURL(`${platform.url}/`);
  assert.match(await page.innerText('header'), /Elvira/i);
  const file = readFileSync(agent);
  const all = sent.join('\n');
  for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), new URLSearchParams({ x: PASSWORD }).toString().slice(2), Buffer.from(PASSWORD).toString('base64').slice(0, 20)]) {
    assert.ok(!all.includes(secret), 'the password was sent');
  }
  for (let at = 0; at + 24 <= file.length; at += 24) {
    const piece = file.subarray(at, at + 24);
    for (const writing of [piece.toString('base64'), encodeURIComponent(piece.toString('base64')), piece.toString('hex'), piece.toString('latin1')]) {
      assert.ok(!all.includes(writing), 'a piece of the file was sent');
    }
  }
}));

test('what is wrong with the file is told, and nothing is sent', () => withPage({}, async (page) => {
  let posts = 0;
  await page.goto(`${platform.url}/acceso/certificado`);
  await look(page, 'acceso-certificado');
  page.on('request', (request) => (posts += request.method() === 'POST'));
  await choose(page, agent, 'otra');
  await page.waitForSelector('[data-state].is-bad');
  await look(page, 'acceso-certificado-clave-mala');
  assert.equal(posts, 0);
}));

test('a certificate without an account is refused with its reason', () => withPage({}, async (page) => {
  await choose(page, stranger, PASSWORD);
  await page.waitForSelector('.errors');
  await look(page, 'acceso-certificado-sin-cuenta');
  assert.equal(path(page), '/acceso/certificado');
}));

test("another authority's certificate is refused", () => withPage({}, async (page) => {
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'k.pem', '-out', 'c.pem', '-subj', '/CN=ELVIRA/serialNumber=IDCPE-00000105');
  openssl('pkcs12', '-export', '-inkey', 'k.pem', '-in', 'c.pem', '-passout', 'pass:x', '-out', 'falso.p12');
  await choose(page, temporary('falso.p12'), 'x');
  // openssl makes it an authority's certificate, which is nobody's own: the page refuses before the server could
  await page.waitForSelector('[data-state].is-bad, .errors');
  assert.equal(path(page), '/acceso/certificado');
}));

test('a revoked certificate is refused at once', () => withPage({}, async (page) => {
  const lost = platform.issue('perdido.p12', { given: 'ÓSCAR', surname: 'TEÓRICO VILCA', number: '00000114', password: PASSWORD });
  openssl('pkcs12', '-in', lost, '-passin', `pass:${PASSWORD}`, '-nokeys', '-clcerts', '-out', 'lost.pem');
  const serial = openssl('x509', '-in', 'lost.pem', '-noout', '-serial').toString().trim().split('=')[1];
  platform.revoke(serial);
  await choose(page, lost, PASSWORD);
  await page.waitForSelector('.errors');
}));

test('without script the page says that it needs it', () => withPage({ javaScriptEnabled: false }, async (page) => {
  await page.goto(`${platform.url}/acceso/certificado`);
  assert.ok(await page.isVisible('noscript'));
}));

// A certificate for signing documents is for that alone (its key usage); agents have one to identify themselves.
const identity = platform.issue('identidad.p12', { given: 'ELVIRA', surname: 'IMAGINARIA NÚÑEZ', number: '00000105', profile: 'agent', password: PASSWORD });
const withCertificate = (file) => ({
  clientCertificates: [{ origin: platform.certificateUrl, pfxPath: file, passphrase: PASSWORD }],
});

for (const [how, options] of [['with script', {}], ['without script', { javaScriptEnabled: false }]]) {
  test(`a certificate shown by TLS signs in, ${how}`, () => withPage({ ...withCertificate(identity), ...options }, async (page) => {
    await page.goto(`${platform.url}/acceso`);
    const link = page.locator(`a[href^="${platform.certificateUrl}"]`);
    assert.equal(await link.count(), 1);
    await link.click();
    await page.waitForURL(`${platform.certificateUrl}/**`);
    if (!('javaScriptEnabled' in options)) await look(page, 'acceso-certificado-tls');
    await send(page, 'form[action="/acceso/certificado-tls"]');
    await page.locator(`main a.button[href^="${platform.url}"]`).click();
    await page.waitForURL(`${platform.url}/`);
    assert.match(await page.innerText('header'), /Elvira/i);
  }));
}

test('without a certificate the TLS page says what to do', () => withPage({}, async (page) => {
  await page.goto(`${platform.certificateUrl}/acceso/certificado-tls`);
  assert.equal(await page.locator('form[action="/acceso/certificado-tls"]').count(), 0);
  await look(page, 'acceso-certificado-tls-sin');
}), { skip: !has('openssl') && 'no openssl' });

await runAll();
