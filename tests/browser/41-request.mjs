// SPDX-License-Identifier: EUPL-1.2
// Asking for a certificate (spec 3.1): the form, the key that is made in the browser, the link of the mail, the way back to the
// request; with a double click, without script, with the keyboard alone.
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { look, ready, runAll, tabTo, test, withPage } from './harness.mjs';
import { asSomebody, message, send, sendOff, signOut } from './people.mjs';
import { startPlatform } from './platform.mjs';
import { PASSWORD, PERU, askForCertificate, attachFiles, choosePassword, fillPerson, onePage } from './request.mjs';
import { openssl } from '../script/certificates.mjs';

const platform = await startPlatform();
const path = (page) => new URL(page.url()).pathname;
const SEND = 'form[action="/firma/solicitud"] .actions button[type="submit"]';
let folio;

/** Everything that the page sends, as text. */
function listen(page) {
  const sent = [];
  page.on('request', (request) => sent.push(`${request.url()} ${JSON.stringify(request.headers())} ${request.postDataBuffer()?.toString('latin1') ?? ''}`));
  return sent;
}

function isNotSent(sent, key) {
  const all = sent.join('\n');
  for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), Buffer.from(PASSWORD).toString('base64').slice(0, 20), Buffer.from(PASSWORD).toString('latin1')]) {
    assert.ok(!all.includes(secret), 'the password was sent');
  }
  const body = readFileSync(key, 'utf8').split('\n').slice(1, -2);
  for (const line of body) assert.ok(!all.includes(line), 'a piece of the key file was sent');
}

test('what there is', () => withPage({}, async (page) => {
  await page.goto(`${platform.url}/firma`);
  await look(page, 'firma');
  for (const link of ['/firma/solicitud', '/firma/seguimiento', '/firma/certificado']) assert.equal(await page.locator(`main a[href="${link}"]`).count(), 1);
}));

test('the key is made here, and what is wrong loses nothing', () => withPage({}, async (page) => {
  const sent = listen(page);
  await page.goto(`${platform.url}/firma/solicitud`);
  await ready(page);
  await look(page, 'firma-solicitud');
  await fillPerson(page, PERU);
  await page.fill('[name="mail_again"]', 'otra@example.org');
  const names = await attachFiles(page, platform.folder);
  await page.click(SEND); // no password yet: nothing is sent
  await page.waitForSelector('[data-key-error]:visible');
  for (const [first, second] of [['corta', 'corta'], ['40404040', '40404040'], [PASSWORD, 'otra cosa']]) {
    await page.fill('[data-key-password]', first);
    await page.fill('[data-key-repeat]', second);
    await page.click(SEND);
    await page.waitForSelector('[data-key-error]:visible');
  }
  await look(page, 'firma-solicitud-clave');
  assert.ok(sent.every((one) => !one.includes('/firma/solicitud ') || !one.includes('multipart')), 'nothing was sent');
  await choosePassword(page);
  const saved = page.waitForEvent('download');
  await page.click(SEND);
  const file = await saved;
  assert.match(file.suggestedFilename(), /^clave-\d{8}-[0-9A-F]{4}\.key$/);
  const key = join(platform.folder, file.suggestedFilename());
  await file.saveAs(key);
  openssl('pkcs8', '-in', key, '-passin', `pass:${PASSWORD}`, '-out', 'clear.key');

  await page.waitForSelector('.errors');
  await ready(page);
  await look(page, 'firma-solicitud-error');
  assert.equal(await page.locator('.field.wrong').count(), 1);
  assert.equal(await page.inputValue('[name="given_names"]'), PERU.given);
  assert.ok(await page.isVisible('[data-key-made]'));
  assert.ok(!(await page.isVisible('[data-key-make]')));
  for (const name of names) assert.ok((await page.inputValue(`[name="${name}-recibido"]`)).length > 50);
  const again = page.waitForEvent('download');
  await page.click('[data-key-download]');
  assert.equal(readFileSync(await (await again).path(), 'utf8'), readFileSync(key, 'utf8'));

  await page.fill('[name="mail_again"]', PERU.mail);
  await page.click(SEND); // no file, no password: all is there
  await page.waitForURL('**/firma/solicitud/recibida');
  folio = (await page.locator('.page-header .lead strong').innerText()).trim();
  assert.match(folio, /^S-\d{4}-\d{4}$/);
  await ready(page);
  assert.ok(await page.isVisible('[data-module="key-again"]'));
  await look(page, 'firma-recibida');
  isNotSent(sent, key);
  const answer = await page.request.get(`${platform.url}/firma/solicitud/constancia`);
  assert.equal(answer.status(), 200);
  assert.match(answer.headers()['content-type'], /application\/pdf/);
  writeFileSync(join(process.env.PICTURES ?? platform.folder, 'constancia.pdf'), await answer.body());
}));

test('the link of the mail confirms by its button, once', () => withPage({}, async (page) => {
  const mail = await message(platform, PERU.mail, folio);
  const link = mail.links.find((one) => one.includes('/firma/confirmar/'));
  await page.goto(link);
  await look(page, 'firma-confirmar');
  await page.goto(link); // looking twice changes nothing
  await send(page);
  await page.waitForURL('**/firma/seguimiento');
  await look(page, 'firma-seguimiento-iniciado');
  assert.equal(await page.locator('.timeline li').count(), 2);
  await page.goto(link);
  await look(page, 'firma-enlace-usado');
  assert.equal(await page.locator('form[action="/firma/confirmar"]').count(), 1);
}));

test('folio and number show the request to nobody else', () => withPage({}, async (page) => {
  await page.goto(`${platform.url}/firma/seguimiento?folio=${folio}`);
  assert.equal(await page.inputValue('[name="folio"]'), folio);
  await look(page, 'firma-seguimiento');
  await page.fill('[name="number"]', '40404041');
  await sendOff(page);
  await page.waitForSelector('.errors');
  await look(page, 'firma-seguimiento-mal');
  await page.fill('[name="number"]', `${PERU.number.slice(0, 4)} ${PERU.number.slice(4)}`);
  await sendOff(page);
  await page.waitForSelector('.timeline');
  await page.goto(`${platform.url}/firma/certificado`);
  await look(page, 'firma-certificado-todavia-no');
  await page.goto(`${platform.url}/firma/seguimiento`);
  await sendOff(page, 'form[action="/firma/seguimiento/salir"]');
  await page.waitForSelector('[name="folio"]');
  await page.goto(`${platform.url}/firma/certificado`);
  await look(page, 'firma-certificado');
  await page.goto(`${platform.url}/firma/clave/nada`);
  await look(page, 'firma-clave-enlace-usado');
}));

test('a double click is one request', () => withPage({}, async (page) => {
  const person = { ...PERU, number: '40404042', mail: 'doble@example.org' };
  await page.goto(`${platform.url}/firma/solicitud`);
  await ready(page);
  await fillPerson(page, person);
  await attachFiles(page, platform.folder);
  await choosePassword(page);
  const saved = page.waitForEvent('download');
  await page.dblclick(SEND);
  await saved;
  await page.waitForURL('**/firma/solicitud/recibida');
  const first = Number((await page.locator('.page-header .lead strong').innerText()).split('-')[1]);
  await page.goBack();
  await page.waitForSelector(SEND);
  const { folio: next } = await askForCertificate(page, platform, { ...PERU, number: '40404043', mail: 'otra@example.org' });
  assert.equal(Number(next.split('-')[1]), first + 1);
}));

test('without script one brings a request of one\'s own', () => withPage({ javaScriptEnabled: false }, async (page) => {
  openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'own.key', '-out', 'own.csr', '-subj', '/CN=x');
  const csr = join(platform.folder, 'own.csr');
  writeFileSync(csr, openssl('req', '-in', 'own.csr'));
  await page.goto(`${platform.url}/firma/solicitud`);
  await fillPerson(page, { ...PERU, number: '40404044', mail: 'sin.script@example.org' });
  await attachFiles(page, platform.folder);
  await page.setInputFiles('[data-key-own]', csr);
  await page.click(SEND);
  await page.waitForURL('**/firma/solicitud/recibida');
}));

test('files that are too large or disguised are told at their field', () => withPage({}, async (page) => {
  const large = join(platform.folder, 'large.pdf'), program = join(platform.folder, 'program.pdf');
  writeFileSync(large, Buffer.concat([Buffer.from(onePage()), Buffer.alloc(11 << 20, 10)]));
  writeFileSync(program, 'MZ not a PDF at all');
  assert.ok(statSync(large).size > 10 << 20);
  await page.goto(`${platform.url}/firma/solicitud`);
  await ready(page);
  await fillPerson(page, { ...PERU, number: '40404045', mail: 'grande@example.org' });
  const [first, second] = await attachFiles(page, platform.folder);
  await page.setInputFiles(`[name="${first}"]`, large);
  await page.waitForSelector('.file-chosen.is-bad'); // told before it is sent
  await page.setInputFiles(`[name="${second}"]`, program);
  await choosePassword(page);
  await page.click(SEND);
  await page.waitForSelector('.errors');
  assert.equal(await page.locator('.field.wrong').count(), 2);
  await look(page, 'firma-solicitud-archivos');
}));

const KEPT = () => new Promise((resolve) => {
  const request = indexedDB.open('refrenda-keys');
  request.onupgradeneeded = () => request.transaction.abort(); // it is not there
  request.onerror = () => resolve(0);
  request.onsuccess = () => {
    const all = request.result.transaction('entries').objectStore('entries').count();
    all.onsuccess = () => {
      request.result.close();
      resolve(all.result);
    };
  };
});

test('who signs out without a certificate keeps the key of the request', async () => {
  const page = await asSomebody(platform, platform.account('Ciudadana'));
  await askForCertificate(page, platform, { ...PERU, number: '40404047', mail: 'sale@example.org' });
  await ready(page);
  assert.equal(await page.evaluate(KEPT), 1);
  await signOut(page, platform);
  await ready(page);
  assert.equal(await page.evaluate(KEPT), 1);
  await page.context().close();
});

test('one asks with the keyboard alone', () => withPage({}, async (page) => {
  await page.goto(`${platform.url}/firma/solicitud`);
  await ready(page);
  await tabTo(page, '[name="number"]');
  await page.keyboard.type('40404046');
  for (const selector of ['[name="given_names"]', '[name="mobile"]', '[data-key-password]', '[data-key-repeat]', 'main details summary', SEND]) {
    await tabTo(page, selector);
  }
}));

await runAll();
