// SPDX-License-Identifier: EUPL-1.2
// The CSC API's OAuth 2 as a portal and its person go through it: a request is pushed, the person signs in, makes a certificate on
// the way, authorises with password and code, and the portal has its hash signed; then it may see the certificates, until that is
// taken back. The ways back to the portal are followed by a real browser under our policies.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { agreed, give, makeCertificate } from './activation.mjs';
import { atEnd, look, ready, runAll, test, withPage } from './harness.mjs';
import { asSomebody, fillSignIn, send, sendOff, signIn } from './people.mjs';
import { Phones } from './phone.mjs';
import { startPlatform } from './platform.mjs';
import { has } from '../script/certificates.mjs';

const PASSWORD = 'cantuta de otoño 47';
const CLIENT = 'sede-csc';
const SHA256 = '2.16.840.1.101.3.4.2.1';
const missing = has('bearerbox') ? false : 'Kannel is not installed';
const only = { skip: missing };

const phones = new Phones();
const platform = await startPlatform({ enrolled: true, settings: missing ? '' : await phones.start() });

/* ---- The portal: a page that people come back to, and a program that asks ---- */

const server = createServer((request, response) => response.end('vuelta'));
await new Promise((done) => server.listen(0, '127.0.0.1', done));
atEnd(() => server.close());
const back = `http://localhost:${server.address().port}/vuelta`;

let secret = '';
let verifier = '';

async function post(path, fields) {
  const body = new URLSearchParams({ client_id: CLIENT, client_secret: secret, ...fields });
  const answer = await fetch(`${platform.url}/csc/v2/${path}`, { method: 'POST', body });
  return { status: answer.status, ...(await answer.json().catch(() => ({}))) };
}

async function push(fields) {
  verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const common = { response_type: 'code', redirect_uri: back, state: 'aquí', code_challenge: challenge, code_challenge_method: 'S256' };
  const { status, request_uri: uri } = await post('oauth2/pushed_authorize', { ...common, ...fields });
  assert.equal(status, 201);
  return `${platform.url}/csc/v2/oauth2/authorize?client_id=${CLIENT}&request_uri=${encodeURIComponent(uri)}`;
}

/** What the browser brought: the parameters of the address. */
async function comesBack(page) {
  await page.waitForURL((url) => url.href.startsWith(`${back}?`));
  const parameters = new URL(page.url()).searchParams;
  assert.equal(parameters.get('state'), 'aquí');
  assert.equal(parameters.get('iss'), `${platform.url}/csc/v2`);
  return parameters;
}

const exchange = (code) => post('oauth2/token', { grant_type: 'authorization_code', redirect_uri: back, code_verifier: verifier, code });

async function ask(token, method, body) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const answer = await fetch(`${platform.url}/csc/v2/${method}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: answer.status, ...(await answer.json()) };
}

/* ---- ---- */

test('a portal is registered', () => withPage({}, async () => {
  const page = await asSomebody(platform, platform.account('Administra'));
  await page.goto(`${platform.url}/administracion/portales/nuevo`);
  const choices = await page.locator('[name="entity"] option').evaluateAll((all) => all.map(({ value }) => value).filter(Boolean));
  await page.selectOption('[name="entity"]', choices[0]);
  await page.fill('[name="name"]', 'Sede con CSC');
  await page.fill('[name="client"]', CLIENT);
  await page.fill('[name="returns"]', back);
  await page.check('[name="renew"]');
  await send(page);
  secret = await page.locator('dd code').nth(1).innerText();
  await page.context().close();
}));

test('who asks what nobody may is told to the person alone', () => withPage({}, async (page) => {
  await page.goto(`${platform.url}/csc/v2/oauth2/authorize?client_id=${CLIENT}&redirect_uri=https%3A%2F%2Fotra.example%2F`);
  assert.equal(new URL(page.url()).origin, platform.url);
  await look(page, 'csc-wrong');
}));

test('signatures: signed in, a certificate made, password and code, and back', () => withPage({}, async (page) => {
  const hash = createHash('sha256').update('un documento').digest();
  await page.goto(await push({ scope: 'credential', numSignatures: '1', hashes: hash.toString('base64url'), hashAlgorithmOID: SHA256, description: 'Contrato de obra' }));
  assert.match(await page.innerText('main'), /Sede con CSC/);
  await look(page, 'csc-sign-in');
  const request = new URL(page.url()).pathname;
  await page.click('main a[href^="/acceso"]');
  await fillSignIn(page, platform.account('Ciudadana'));
  await Promise.all([page.waitForURL(platform.url + request), send(page)]);
  await look(page, 'csc-signatures-none');
  await makeCertificate(page, phones, PASSWORD);
  await page.waitForURL(new RegExp(`${request}\\?con=`));
  await ready(page);
  await look(page, 'csc-signatures');
  phones.forget();
  await send(page, `form[action="${request}/certificado"]`);
  await agreed(page);
  const { text, code } = await phones.sms();
  assert.match(text, /Sede con CSC/);
  await look(page, 'csc-authorise');
  await give(page, { password: PASSWORD, code });
  const parameters = await comesBack(page);
  const token = await exchange(parameters.get('code'));
  assert.equal(token.status, 200);
  const order = { credentialID: token.credentialID, hashes: [hash.toString('base64')], hashAlgorithmOID: SHA256, signAlgo: '1.2.840.113549.1.1.11' };
  const { status, signatures } = await ask(token.access_token, 'signatures/signHash', order);
  assert.equal(status, 200);
  assert.equal(signatures.length, 1);
  assert.equal((await ask(token.access_token, 'signatures/signHash', order)).status, 400); // once
  assert.equal((await exchange(parameters.get('code'))).error, 'invalid_grant');
}), only);

test('a portal may see the certificates, until it is taken back', () => withPage({}, async (page) => {
  await signIn(page, platform, platform.account('Ciudadana'));
  await page.goto(await push({ scope: 'service' }));
  await ready(page);
  await look(page, 'csc-service');
  await page.click('form[action$="/permiso"] button:not([formaction])');
  const token = await exchange((await comesBack(page)).get('code'));
  const list = await ask(token.access_token, 'credentials/list', {});
  assert.equal(list.credentialIDs.length, 1);
  await page.goto(`${platform.url}/certificados/central`);
  await ready(page);
  await look(page, 'csc-accesses');
  await page.click('main a[href^="/certificados/central/portales/"]');
  await ready(page);
  await look(page, 'csc-withdraw');
  await sendOff(page);
  assert.equal(await page.locator('main a[href^="/certificados/central/portales/"]').count(), 0);
  assert.equal((await ask(token.access_token, 'credentials/list', {})).status, 401);
}), only);

test('not agreed: back with access_denied', () => withPage({}, async (page) => {
  await page.goto(await push({ scope: 'service' })); // before signing in
  await ready(page);
  await page.click('form[action$="/cancelar"] button');
  assert.equal((await comesBack(page)).get('error'), 'access_denied');
  await signIn(page, platform, platform.account('Ciudadana'));
  await page.goto(await push({ scope: 'service' }));
  await ready(page);
  await page.click('button[formaction$="/cancelar"]');
  assert.equal((await comesBack(page)).get('error'), 'access_denied');
}));

await runAll();
