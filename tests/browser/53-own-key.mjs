// SPDX-License-Identifier: EUPL-1.2
// Signing with a certificate of one's own, which is opened in the page (spec 4.1): from a .p12, from its key alone; what is wrong
// with it; many documents; and a server that would have something else signed than it shows.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { look, openPage, ready, runAll, test, withPage } from './harness.mjs';
import { asSomebody, send } from './people.mjs';
import { startPlatform } from './platform.mjs';
import { has, openssl, path as temporary } from '../script/certificates.mjs';

const PASSWORD = 'contraseña del archivo';
const NUMBER = '00000202'; // of the demonstration: a citizen with an account
const only = { skip: has('pdfsig') && has('openssl') ? false : 'pdfsig or openssl is not installed' };

const platform = await startPlatform();
const mine = platform.issue('wilfredo.p12', { given: 'WILFREDO', surname: 'VECINO ENSAYO', number: NUMBER, password: PASSWORD });
const rsa = platform.issue('wilfredo-rsa.p12', { given: 'WILFREDO', surname: 'VECINO ENSAYO', number: NUMBER, key: 'RSA-2048', password: PASSWORD });
const theirs = platform.issue('elvira.p12', { given: 'ELVIRA', surname: 'IMAGINARIA NÚÑEZ', number: '00000105', password: PASSWORD });
const here = (page) => new URL(page.url()).pathname;
const asCitizen = (options) => asSomebody(platform, platform.account('Ciudadano con'), options);

async function pdf(text) {
  const page = await openPage();
  await page.setContent(`<h1>${text}</h1><p>Documento inventado, sin valor legal.</p>`);
  const buffer = await page.pdf();
  await page.context().close();
  return buffer;
}
const paper = await pdf('Solicitud de licencia');

/** Each is another one by what follows its end. */
let made = 0;
const files = (titles) => titles.map((title) => ({ name: `${title}.pdf`, mimeType: 'application/pdf', buffer: Buffer.concat([paper, Buffer.from(`% ${++made}\n`)]) }));

/** Uploads them; the page where the certificate is opened. */
async function begin(page, titles) {
  await page.goto(`${platform.url}/firmar`);
  if (page.withScript) await ready(page);
  await page.setInputFiles('[name="documentos"]', files(titles));
  await Promise.all([page.waitForURL(/\/firmar\/[\w-]{20,}$/), send(page, 'form[action="/firmar"]')]);
  return here(page);
}

async function toFile(page, operation) {
  await page.goto(`${platform.url}${operation}/archivo`);
  await ready(page);
}

async function open(page, file, password) {
  if (file) await page.setInputFiles('[data-own-file]', file);
  await page.fill('[data-own-password]', password);
  await send(page, 'form[data-module="own-key"]');
}

async function toldAt(page, field) {
  await page.waitForSelector(`.field.wrong [data-error="${field}"]:not([hidden])`);
  return page.innerText(`[data-error="${field}"] span`);
}

async function checkCopies(page, count) {
  for (let place = 1; place <= count; place++) {
    const answer = await page.request.get(`${page.url()}/${place}`);
    const file = join(platform.folder, 'firmado.pdf');
    writeFileSync(file, await answer.body());
    const said = execFileSync('pdfsig', [file], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    assert.match(said, /Signature is Valid/);
    assert.match(said, /Total document signed/);
    assert.match(said, /WILFREDO VECINO ENSAYO/);
  }
}

test('two documents, from the choice of the way to the receipt; file and password stay in the page', () => withPage({}, async () => {
  const page = await asCitizen();
  const operation = await begin(page, ['Solicitud uno', 'Solicitud dos']);
  await ready(page);
  await look(page, 'own-key-systems');
  await Promise.all([page.waitForURL(`${platform.url}${operation}/archivo`), page.click(`a[href="${operation}/archivo"]`)]);
  await ready(page);
  await look(page, 'own-key');
  const sent = [];
  page.on('request', (request) => sent.push(`${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`));
  await send(page, 'form[data-module="own-key"]');
  await toldAt(page, 'file');
  await open(page, mine, 'otra');
  await toldAt(page, 'password');
  assert.equal(sent.length, 0, 'nothing was asked of the server');
  assert.equal(await page.locator('[data-own-file]').evaluate((input) => input.files.length), 1, 'the file stays chosen');
  await look(page, 'own-key-password-wrong');
  await open(page, null, PASSWORD);
  await page.waitForURL(`${platform.url}${operation}/resultado`);
  const all = sent.join('\n');
  for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), new URLSearchParams({ x: PASSWORD }).toString().slice(2)]) assert.ok(!all.includes(secret), 'the password was sent');
  const keyPieces = readFileSync(mine);
  for (let at = 0; at + 24 <= keyPieces.length; at += 24) assert.ok(!all.includes(keyPieces.subarray(at, at + 24).toString('base64url')), 'a piece of the file was sent');
  await ready(page);
  await look(page, 'own-key-result');
  await checkCopies(page, 2);
  const receipt = await page.request.get(`${platform.url}${operation}/constancia.pdf`);
  assert.equal(receipt.status(), 200);
  assert.equal((await receipt.body()).subarray(0, 5).toString(), '%PDF-');
  await page.goto(`${platform.url}${operation}/archivo`);
  assert.equal(here(page), operation, 'once is enough');
  await page.context().close();
}), only);

test("an RSA key; somebody else's certificate is refused before, and the next one is taken", () => withPage({}, async () => {
  const page = await asCitizen();
  const operation = await begin(page, ['Con otra clave']);
  await toFile(page, operation);
  await open(page, theirs, PASSWORD);
  await toldAt(page, 'file');
  await look(page, 'own-key-not-mine');
  await open(page, rsa, PASSWORD);
  await page.waitForURL(`${platform.url}${operation}/resultado`);
  await checkCopies(page, 1);
  await page.context().close();
}), only);

test('the key alone, whose certificate was issued here; a file that is neither', () => withPage({}, async () => {
  const page = await asCitizen();
  const operation = await begin(page, ['Solo la clave']);
  openssl('pkcs12', '-in', mine, '-passin', `pass:${PASSWORD}`, '-nocerts', '-nodes', '-out', 'own.pem');
  openssl('pkcs8', '-topk8', '-in', 'own.pem', '-v2', 'aes-256-cbc', '-passout', 'pass:otra clave', '-out', 'own.key');
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'stranger.key');
  await toFile(page, operation);
  await open(page, { name: 'nota.p12', mimeType: 'application/x-pkcs12', buffer: Buffer.from('no es un certificado') }, 'x');
  await toldAt(page, 'file');
  await open(page, temporary('stranger.key'), '');
  await toldAt(page, 'file');
  await open(page, temporary('own.key'), 'mal');
  await toldAt(page, 'password');
  await open(page, null, 'otra clave');
  await page.waitForURL(`${platform.url}${operation}/resultado`);
  await checkCopies(page, 1);
  await page.context().close();
}), only);

/** Changes what a server answers at this address, and sees whether anything is signed. */
async function swapped(page, operation, at, change) {
  let signed = 0;
  await toFile(page, operation);
  await page.route(`**${operation}/archivo/${at}`, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: change(await answer.body()) });
  });
  page.on('request', (request) => (signed += request.url().endsWith('/archivo/firma')));
  await open(page, mine, PASSWORD);
  await page.waitForSelector('[data-final]:not([hidden])');
  assert.equal(signed, 0, `${at}, ${change}: nothing was signed`);
  await page.unroute(`**${operation}/archivo/${at}`);
}

test('a server that would have something else signed than the page shows gets no signature', () => withPage({}, async () => {
  const page = await asCitizen();
  const operation = await begin(page, ['Intacto']);
  const told = (change) => (body) => {
    const answer = JSON.parse(body);
    change(answer, answer.documents[0]);
    return JSON.stringify(answer);
  };
  const flipped = (text, at) => {
    const octets = Buffer.from(text, 'base64url');
    octets[at < 0 ? octets.length + at : at] ^= 1;
    return octets.toString('base64url');
  };
  const changes = [
    ['preparar', told((answer) => answer.documents.push({ ...answer.documents[0], place: 2 }))],
    ['preparar', told((answer) => (answer.algorithm = 'RSA-PSS'))],
    ['preparar', told((_, document) => (document.attributes = flipped(document.attributes, -1)))],
    ['preparar', told((_, document) => (document.attributes = Buffer.from('otro texto').toString('base64url')))],
    ['preparar', told((_, document) => (document.holeOffset -= 10))],
    ['preparado/1', (body) => Buffer.concat([Buffer.from('%PDF-2.0'), body.subarray(8)])],
    ['preparado/1', (body) => Buffer.concat([body.subarray(0, -8), Buffer.from('% otro\n\n')])],
    ['preparado/1', (body) => body.subarray(0, -1)],
  ];
  for (const [at, change] of changes) await swapped(page, operation, at, change);
  await look(page, 'own-key-swapped');
  await open(page, mine, PASSWORD);
  await page.waitForURL(`${platform.url}${operation}/resultado`);
  await page.context().close();
}), only);

test('fifty documents', () => withPage({}, async () => {
  const page = await asCitizen();
  const operation = await begin(page, Array.from({ length: 50 }, (_, at) => `Resolución ${at + 1}`));
  await toFile(page, operation);
  const seen = [];
  await page.exposeFunction('sawProgress', (value, max) => seen.push([value, max])); // it goes by too fast to be waited for
  await page.evaluate(() => {
    const bar = document.querySelector('progress[data-progress]');
    new MutationObserver(() => !bar.hidden && globalThis.sawProgress(bar.value, bar.max)).observe(bar, { attributes: true });
  });
  await open(page, mine, PASSWORD);
  await page.waitForURL(`${platform.url}${operation}/resultado`);
  assert.ok(seen.some(([value, max]) => value > 0 && max === 50), 'how far it is was shown');
  assert.equal(await page.locator('a[href*="/resultado/"]').count(), 50);
  await page.context().close();
}), only);

test('without script the page says what it needs, and where else one signs', () => withPage({}, async () => {
  const page = await asCitizen({ javaScriptEnabled: false });
  const operation = await begin(page, ['Sin script']);
  await page.goto(`${platform.url}${operation}/archivo`);
  assert.ok(await page.isVisible('noscript'));
  assert.ok(!(await page.isVisible('[data-own-file]')));
  assert.ok(await page.isVisible(`a[href="${operation}/certificado"]`));
  await look(page, 'own-key-no-script');
  await page.context().close();
}), only);

await runAll();
