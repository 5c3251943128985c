// SPDX-License-Identifier: EUPL-1.2
// Central signing as a citizen goes through it (spec 4.1): enrolled at the desk, a certificate made in the midst of a signature,
// documents signed with password and a code that comes by a real SMS gateway (Kannel) from its fake centre; what goes wrong on
// the way; and looking after the certificate.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agreed, give, makeCertificate } from './activation.mjs';
import { look, openPage, ready, runAll, test, withPage } from './harness.mjs';
import { asSomebody, fillSignIn, send, sendOff, signIn, stepNow, totp } from './people.mjs';
import { Phones } from './phone.mjs';
import { SOURCE, startPlatform, until } from './platform.mjs';
import { has } from '../script/certificates.mjs';

globalThis.crypto ??= webcrypto;
const { fromBase64Url, toBase64Url } = await import('../../assets/script/encoding.js');
const { pointOfKey, seal } = await import('../../assets/script/hpke.js');
const { activationInfo, readOperation } = await import('../../assets/script/operation-text.js');

const PASSWORD = 'cantuta de otoño 47';
const OTHER = 'huarango y viento 12';
const NUMBER = '00000202'; // of the demonstration: a citizen with an account
const MOBILE = '+51987654321';
const NEW_MOBILE = '+51987654322';
const LONG = 900; // seconds that a code is good for
const SHORT = 60; // where one waits for its end
const SIGNED = 31; // documents, until the log is looked at

const missing = has('bearerbox') && has('pdfsig') ? false : 'Kannel or pdfsig is not installed';
const phones = new Phones();

/** Certificates of people are good for 25 days here, so that they are to be renewed from the first one on. */
function endSoon({ folder, home, environment }) {
  const packs = join(folder, 'packs');
  const profiles = join(packs, 'pe', 'profiles.yaml');
  cpSync(environment.REFRENDA_PACKS, packs, { recursive: true });
  writeFileSync(profiles, readFileSync(profiles, 'utf8').replace('days: 1095', 'days: 25').replace(/renewal: \d+/, 'renewal: 20'));
  const settings = join(home, 'refrenda.yaml');
  writeFileSync(settings, readFileSync(settings, 'utf8').replace(environment.REFRENDA_PACKS, packs));
}
const central = `central:\n  again_seconds: 10\n  code_seconds: ${LONG}\n`;
const platform = await startPlatform({ settings: missing ? '' : (await phones.start()) + central, prepare: endSoon });
const here = (page) => new URL(page.url()).pathname;
const sms = (to = MOBILE, options = {}) => phones.sms(to.slice(1), options); // the gateway leaves out the plus

/** From now on codes are good for so long: the server begins anew. */
async function codesLast(seconds) {
  const file = join(platform.home, 'refrenda.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/code_seconds: \d+/, `code_seconds: ${seconds}`));
  await platform.stop();
  await platform.start();
}

/* ---- The desk ---- */

async function picture() {
  const page = await openPage({ viewport: { width: 1000, height: 640 } });
  await page.setContent('<h1>DOCUMENTO NACIONAL DE IDENTIDAD (INVENTADO)</h1>' + '<p>VECINO ENSAYO, WILFREDO · 00000202 · sin valor legal</p>'.repeat(18));
  const octets = await page.screenshot();
  await page.context().close();
  return { name: 'documento.png', mimeType: 'image/png', buffer: octets };
}

async function fill(page, name, wanted) {
  const field = page.locator(`[name="${name}"]`).first();
  if ((await field.count()) === 0 || !(await field.isVisible())) return;
  if ((await field.evaluate((element) => element.tagName)) === 'SELECT') {
    const options = await field.locator('option').evaluateAll((all) => all.map(({ value, text }) => ({ value, text })));
    const chosen = options.find(({ value, text }) => value && text.includes(wanted)) ?? options.find(({ value }) => value);
    await field.selectOption(chosen.value);
  } else await field.fill(wanted);
}

async function asAgent(at) {
  const page = await openPage();
  await page.goto(`${platform.url}/acceso/certificado?volver=${at}`);
  await ready(page);
  await page.setInputFiles('[data-certificate-file]', join(platform.home, 'agente.p12'));
  await page.fill('[data-certificate-password]', readFileSync(join(platform.home, 'agente.password'), 'utf8').trim());
  await Promise.all([page.waitForURL(`${platform.url}${at}`), send(page, 'form[action="/acceso/certificado"]')]);
  await ready(page);
  return page;
}

/** In person, with a key that the platform keeps. */
async function enrol() {
  const page = await asAgent('/agente/generar');
  const person = { motive: '', document: 'DNI', number: NUMBER, second_number: '', given_names: 'Wilfredo', surname: 'Vecino', second_surname: 'Ensayo', unit: 'Obras Privadas', locality: 'Miraflores, Lima', address: 'Jr. de la Prueba 123', mail: 'wilfredo@example.pe', mail_again: 'wilfredo@example.pe', mobile: MOBILE };
  for (const [name, value] of Object.entries(person)) await fill(page, name, value);
  const paper = await picture();
  for (const box of await page.locator('main input[type="file"][name]:not([name="pkcs10"])').all()) await box.setInputFiles(paper);
  const kept = page.locator('[name="central"]').first();
  if (await kept.count()) await kept.check();
  await Promise.all([page.waitForNavigation(), send(page, 'form[action="/agente/generar"]')]);
  const request = /\/agente\/solicitudes\/\d+/.exec(here(page))[0];
  if ((await kept.count()) === 0) platform.sql(`UPDATE applicant SET central = 1 WHERE request = ${request.split('/').pop()}`);
  await page.goto(platform.url + request);
  if (await page.locator('form[action$="/tomar"]').count()) await Promise.all([page.waitForNavigation(), send(page, 'form[action$="/tomar"]')]);
  for (const box of await page.locator('[name="mark"]').all()) await box.check();
  await Promise.all([page.waitForNavigation(), send(page, 'form[action$="/revisar"]')]);
  await page.goto(`${platform.url}${request}/generar`);
  await ready(page);
  await page.waitForSelector('[data-kept]:not([hidden])');
  assert.match(await page.locator('[data-signed-text]').textContent(), /^key: central$/m);
  await Promise.all([page.waitForNavigation(), send(page, 'form[data-kind="approval"]')]);
  await page.context().close();
}

/* ---- The citizen ---- */

const asCitizen = (options) => asSomebody(platform, platform.account('Ciudadano con'), options);

let made = 0;
async function pdf(text) {
  const page = await openPage();
  await page.setContent(`<h1>${text}</h1><p>Documento inventado, sin valor legal (${++made}).</p>`);
  const buffer = await page.pdf();
  await page.context().close();
  return { name: `${text}.pdf`, mimeType: 'application/pdf', buffer };
}

async function upload(page, titles) {
  await page.goto(`${platform.url}/firmar`);
  await ready(page);
  const files = [];
  for (const title of titles) files.push(await pdf(title));
  await page.setInputFiles('[name="documentos"]', files);
  await Promise.all([page.waitForURL(/\/firmar\/[\w-]{20,}$/), send(page, 'form[action="/firmar"]')]);
  await ready(page);
  return here(page);
}

/** To password and code; the page's script has read what is authorised. */
async function toAuthorise(page, operation) {
  await page.goto(`${platform.url}${operation}/certificado`);
  await Promise.all([page.waitForNavigation(), send(page, 'form[action$="/autorizar"]')]);
  await agreed(page);
}

/** What was told at a field. */
async function toldAt(page, proof) {
  await page.waitForSelector(`.field.wrong [data-proof="${proof}"]`);
  return page.innerText(`.field.wrong:has([data-proof="${proof}"]) [data-error]`);
}

async function sign(page, operation, proofs = {}) {
  phones.forget();
  await toAuthorise(page, operation);
  const { code } = await sms();
  await give(page, { password: PASSWORD, code, ...proofs });
  await page.waitForURL(`${platform.url}${operation}/resultado`);
}

/** What the page's script would send, whatever its clock says. */
async function sealed(page, proofs) {
  const told = await page.locator('form[data-module="activation"]').evaluate(({ dataset, elements, action }) => ({ ...dataset, csrf: elements.csrf.value, action }));
  const text = fromBase64Url(told.text);
  const info = await activationInfo(text, readOperation(text), fromBase64Url(told.nonce));
  const message = await seal(await pointOfKey(fromBase64Url(told.point)), info, new TextEncoder().encode(JSON.stringify(proofs)));
  const form = { csrf: told.csrf, operation: told.operation, encapsulated: toBase64Url(message.encapsulated), sealed: toBase64Url(message.sealed) };
  return { address: told.action, form };
}
const post = (page, { address, form }) => page.request.post(address, { form, headers: { Accept: 'application/json', Origin: platform.url } });

function checkSignature(octets) {
  const file = join(platform.folder, `signed-${++made}.pdf`);
  writeFileSync(file, octets);
  const said = execFileSync('pdfsig', [file], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  assert.match(said, /Signature is Valid/);
  assert.match(said, /Total document signed/);
  return said;
}

let lastStep = 0;
/** A code of the app that was not used before: each step of half a minute is good once, and the next one already. */
async function fresh(secret) {
  await until('the next code of the app', () => stepNow() + 1 > lastStep);
  lastStep = Math.max(lastStep + 1, stepNow());
  return totp(secret, lastStep);
}
/** The same, as long as it is good: a wrong password does not use it up. */
function lasting(secret) {
  lastStep = Math.max(lastStep, stepNow());
  return totp(secret, lastStep);
}

const only = { skip: missing };
let credential = '';
let appSecret = '';

test('who was not registered in person is told what to do', () => withPage({}, async () => {
  const page = await asCitizen();
  await page.goto(`${platform.url}/certificados/central`);
  assert.ok(await page.locator('main a[href="/firma"]').isVisible());
  await ready(page);
  await look(page, 'central-weak');
  const operation = await upload(page, ['Antes de tiempo']);
  await page.goto(`${platform.url}${operation}/certificado`);
  assert.ok(await page.locator('main a[href="/firma"]').isVisible());
  assert.equal(await page.locator('main button[type="submit"]').count(), 0);
  await page.goto(`${platform.url}${operation}/cancelar`);
  await look(page, 'central-cancel');
  await Promise.all([page.waitForURL(`${platform.url}/firmar`), send(page, 'form.confirm')]);
  await page.goto(platform.url + operation);
  assert.equal(await page.locator(`a[href="${operation}/certificado"]`).count(), 0);
  await look(page, 'central-cancelled');
  await page.context().close();
}), only);

test('a certificate made in the midst of a signature, and two documents signed', () => withPage({}, async (page) => {
  await enrol();
  const sent = [];
  page.on('request', (request) => sent.push(`${request.url()} ${request.postData() ?? ''}`));
  await signIn(page, platform, platform.account('Ciudadano con'));
  await page.goto(`${platform.url}/firmar`);
  await ready(page);
  await look(page, 'central-own');
  const operation = await upload(page, ['Contrato de obra', 'Anexo técnico']);
  await page.waitForSelector('.documents');
  assert.match(await page.innerText('.documents'), /Contrato de obra/);
  await page.locator('.documents summary').first().click();
  await page.waitForSelector('.viewer[data-page="1"]');
  await look(page, 'central-documents');
  await page.click(`a[href="${operation}/certificado"]`);
  await ready(page);
  await look(page, 'central-choose-none');
  await page.click('main a[href*="/certificados/central/nuevo"]');
  await ready(page);
  await send(page, 'form[action="/certificados/central/nuevo"]');
  await page.waitForSelector('.field.wrong'); // without consent nothing begins
  await page.check('[name="acepto"]');
  await look(page, 'central-consent');
  phones.forget();
  await send(page, 'form[action="/certificados/central/nuevo"]');
  await agreed(page);
  await ready(page);
  const { text, code } = await sms();
  assert.match(text, /crear su certificado/);
  await look(page, 'central-new-password');
  await give(page, { newPassword: '12345678', code });
  await toldAt(page, 'newPassword');
  await give(page, { newPassword: PASSWORD, code });
  await page.waitForURL(new RegExp(`${operation}/certificado\\?con=[0-9a-f]{32}$`));
  credential = new URL(page.url()).searchParams.get('con');
  assert.ok(await page.isChecked(`[name="certificado"][value="${credential}"]`));
  await ready(page);
  await look(page, 'central-choose');

  phones.forget();
  await send(page, 'form[action$="/autorizar"]');
  await agreed(page);
  const signing = await sms();
  assert.match(signing.text, /Contrato de obra/);
  assert.match(await page.innerText('[data-agreed]'), /Anexo técnico/);
  await look(page, 'central-authorise');
  await give(page, { password: PASSWORD, code: signing.code === '111111' ? '222222' : '111111' });
  assert.match(await toldAt(page, 'code'), /4/);
  assert.equal(await page.inputValue('[data-proof="password"]'), '', 'no password stays');
  await give(page, { password: 'no es esta clave', code: signing.code });
  assert.match(await toldAt(page, 'password'), /4/);
  await ready(page);
  await look(page, 'central-authorise-wrong');
  await page.waitForSelector('[data-send-again]:not([disabled])');
  await page.click('[data-send-again]');
  const again = await sms();
  await give(page, { password: PASSWORD, code: again.code });
  await page.waitForURL(`${platform.url}${operation}/resultado`);
  await ready(page);
  await look(page, 'central-result');
  for (const number of [1, 2]) {
    const file = await page.request.get(`${platform.url}${operation}/resultado/${number}`);
    assert.equal(file.status(), 200);
    assert.match(checkSignature(await file.body()), /WILFREDO/i);
  }
  const receipt = await page.request.get(`${platform.url}${operation}/constancia.pdf`);
  assert.equal(receipt.status(), 200, await receipt.text());
  checkSignature(await receipt.body());
  const all = sent.join('\n');
  for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), new URLSearchParams({ a: PASSWORD }).toString().slice(2), signing.code, again.code]) {
    assert.ok(!all.includes(secret), `${secret} was sent in the clear`);
  }
}), only);

test('twenty documents with one code, in a visible stamp', () => withPage({}, async () => {
  const page = await asCitizen({ viewport: { width: 360, height: 740 } });
  await page.goto(`${platform.url}/firmar`);
  await ready(page);
  await page.setInputFiles('[name="documentos"]', await Promise.all(Array.from({ length: 20 }, (_, at) => pdf(`Acta ${at + 1}`))));
  await page.check('[name="visible"]');
  await page.fill('[name="motivo"]', 'En señal de conformidad');
  await Promise.all([page.waitForURL(/\/firmar\/[\w-]{20,}$/), send(page, 'form[action="/firmar"]')]);
  const operation = here(page);
  await sign(page, operation);
  assert.equal(await page.locator('main a[download]').count(), 20);
  checkSignature(await (await page.request.get(`${platform.url}${operation}/resultado/20`)).body());
  await page.context().close();
}), only);

/* ---- The place of the stamp ---- */

const STAMP = { width: 70, height: 25 }; // millimetres
const UNIT = { unit: 2 }; // which poppler does not know
const pagesTool = (...parameters) => execFileSync('python3', [join(SOURCE, 'tests/support/stamp_pages.py'), ...parameters]).toString();

let pagesMade = false;
/** Empty pages of every kind: turned, cropped, of large units (tests/support/stamp_pages.py). */
function emptyPage(kind) {
  const folder = join(platform.folder, 'pages');
  if (!pagesMade) pagesTool('make', folder);
  pagesMade = true;
  return { name: `${kind}.pdf`, mimeType: 'application/pdf', buffer: readFileSync(join(folder, `${kind}.pdf`)) };
}

async function uploadStamped(page, files) {
  await page.goto(`${platform.url}/firmar`);
  await ready(page);
  await page.setInputFiles('[name="documentos"]', files);
  await page.check('[name="visible"]');
  await Promise.all([page.waitForURL(/\/firmar\/[\w-]{20,}$/), send(page, 'form[action="/firmar"]')]);
  await ready(page);
  return here(page);
}

/** The step is open and its page is drawn; the frame with the stamp's box. */
async function placing(page, address) {
  await page.goto(platform.url + address);
  await ready(page);
  await page.locator('.viewer').scrollIntoViewIfNeeded();
  await page.waitForSelector('.viewer[data-pages]');
  const frame = page.frames().find((one) => new URL(one.url()).pathname === '/visor');
  await frame.waitForSelector('.sheet.placing');
  return frame;
}

const written = (page) => page.evaluate(() => {
  const { pagina, sitio, x, y } = document.querySelector('form[data-module="stamp-place"]').elements;
  return { page: Number(pagina.value), site: sitio.value, x: Number(x.value), y: Number(y.value) };
});
const goOn = (page) => Promise.all([page.waitForNavigation(), page.click('form[data-module="stamp-place"] .actions button:not([name])')]);

/** What the box shows, in millimetres of a page so wide. */
const boxOf = (frame, width) => frame.evaluate((whole) => {
  const sheet = document.querySelector('canvas').getBoundingClientRect();
  const box = document.querySelector('.stamp').getBoundingClientRect();
  const scale = whole / sheet.width;
  return { x: (box.left - sheet.left) * scale, y: (box.top - sheet.top) * scale, width: box.width * scale, height: box.height * scale };
}, width);

/** What the fields say, once they say what the box shows: the frame tells it in messages. */
const agreeing = (page, frame, width) => until('fields and box agree', async () => {
  const [said, box] = [await written(page), await boxOf(frame, width)];
  return Math.abs(said.x - box.x) < 0.5 && Math.abs(said.y - box.y) < 0.5 ? said : null;
});

/** The ink of the signed document is where it was wanted, and nowhere else. */
async function inkIsAt(page, operation, number, { x, y }, { unit = 1 } = {}) {
  const file = join(platform.folder, `placed-${++made}.pdf`);
  const octets = await (await page.request.get(`${platform.url}${operation}/resultado/${number}`)).body();
  writeFileSync(file, octets);
  checkSignature(octets);
  pagesTool('inside', file, String(unit), ...[x, y, x + STAMP.width, y + STAMP.height].map(String), 'fill');
}

test('the place of the stamp: for all, and for one alone by keyboard, by click, by drag and by numbers, on turned and cropped pages', () => withPage({}, async () => {
  const page = await asCitizen();
  const kinds = ['portrait', 'turned-90', 'cropped-90', 'unit', 'a5', 'turned-270'];
  const operation = await uploadStamped(page, kinds.map(emptyPage));
  assert.equal(await page.locator('.steps li').count(), 5, 'a step of its own');
  assert.ok(await page.locator(`a[href="${operation}/lugar"]`).isVisible());
  const one = (number) => `${operation}/lugar?documento=${number}`;

  // By keyboard, on a page that is turned: 297 mm wide as it is seen.
  let frame = await placing(page, one(2));
  const first = await boxOf(frame, 297);
  assert.ok(Math.abs(first.width - STAMP.width) < 1 && Math.abs(first.height - STAMP.height) < 1, `the stamp's own size: ${JSON.stringify(first)}`);
  await frame.focus('.stamp');
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight');
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Shift+ArrowLeft');
  await page.waitForFunction(() => document.querySelector('[name="sitio"]').value === 'punto');
  await until('the last key was heard', async () => (await written(page)).x === Math.round(first.x) + 19);
  const keyed = await agreeing(page, frame, 297);
  assert.match(await page.innerText('[data-place-state]'), new RegExp(`\\b${keyed.x}\\b.*\\b${keyed.y}\\b`));
  await look(page, 'central-place-one');
  await goOn(page);
  assert.equal(here(page), `${operation}/lugar`);

  // By click, then dragged: cropped and turned.
  frame = await placing(page, one(3));
  const canvas = await frame.locator('canvas').boundingBox();
  await page.mouse.click(canvas.x + canvas.width * 0.6, canvas.y + canvas.height * 0.4);
  await page.waitForFunction(() => document.querySelector('[name="sitio"]').value === 'punto');
  const clicked = await written(page);
  const held = await frame.locator('.stamp').boundingBox();
  await page.mouse.move(held.x + 20, held.y + 10);
  await page.mouse.down();
  await page.mouse.move(held.x + 60, held.y + 40, { steps: 4 });
  await page.mouse.up();
  await until('it was dragged', async () => (await written(page)).x > clicked.x);
  const dragged = await agreeing(page, frame, 550 * 25.4 / 72);
  await goOn(page);

  // By numbers alone, on a page of large units; what is not on it is told.
  await page.goto(platform.url + one(4));
  await ready(page);
  await page.selectOption('[name="sitio"]', 'punto');
  await page.fill('[name="x"]', '190');
  await page.fill('[name="y"]', '12');
  await goOn(page);
  assert.equal(await page.locator('.field.wrong').count(), 1);
  await ready(page);
  await look(page, 'central-place-wrong');
  await page.fill('[name="x"]', '33');
  await goOn(page);

  // At an anchor of one's own, then like the others again.
  await page.goto(platform.url + one(5));
  await page.selectOption('[name="sitio"]', 'abajo-derecha');
  await goOn(page);
  await Promise.all([page.waitForNavigation(), page.click(`a[href="${one(5)}"]`)]);
  await Promise.all([page.waitForNavigation(), page.click('button[name="comun"]')]);

  // The rest all together.
  frame = await placing(page, `${operation}/lugar`);
  await page.selectOption('[name="sitio"]', 'arriba-derecha');
  await until('the box is at the anchor', async () => Math.abs((await boxOf(frame, 210)).x - 130) < 1);
  await look(page, 'central-place');
  await goOn(page);
  assert.equal(here(page), `${operation}/certificado`);
  await sign(page, operation);
  const anchor = (width) => ({ x: width - 10 - STAMP.width, y: 10 });
  await inkIsAt(page, operation, 1, anchor(210));
  await inkIsAt(page, operation, 2, keyed);
  await inkIsAt(page, operation, 3, dragged);
  await inkIsAt(page, operation, 4, { x: 33, y: 12 }, UNIT);
  await inkIsAt(page, operation, 5, anchor(148));
  await inkIsAt(page, operation, 6, anchor(297));
  assert.equal((await page.request.get(`${platform.url}${operation}/lugar`, { maxRedirects: 0 })).status(), 303, 'nothing is chosen afterwards');
  await page.context().close();
}), only);

test('another place after it was prepared: the code of before signs nothing', () => withPage({}, async () => {
  const page = await asCitizen({ viewport: { width: 360, height: 740 }, hasTouch: true });
  const operation = await uploadStamped(page, [emptyPage('turned-180')]);
  phones.forget();
  await toAuthorise(page, operation);
  const { code } = await sms();
  const before = await sealed(page, { password: PASSWORD, code });
  const frame = await placing(page, `${operation}/lugar`);
  const canvas = await frame.locator('canvas').boundingBox();
  await page.touchscreen.tap(canvas.x + canvas.width / 2, canvas.y + canvas.height / 2);
  await page.waitForFunction(() => document.querySelector('[name="sitio"]').value === 'punto');
  const at = await written(page);
  await look(page, 'central-place-narrow');
  await goOn(page);
  const refused = await post(page, before);
  assert.equal(refused.status(), 422);
  assert.equal((await refused.json()).ended, true);
  await sign(page, operation);
  await inkIsAt(page, operation, 1, at);
  await page.context().close();
}), only);

test('without script a stamp gets its place by fields', () => withPage({ javaScriptEnabled: false }, async (page) => {
  await signIn(page, platform, platform.account('Ciudadano con'));
  await page.goto(`${platform.url}/firmar`);
  await page.setInputFiles('[name="documentos"]', emptyPage('landscape'));
  await page.check('[name="visible"]');
  await sendOff(page, 'form[action="/firmar"]');
  const operation = here(page);
  await page.click(`a[href="${operation}/lugar"]`);
  await page.fill('[name="pagina"]', '7');
  await page.selectOption('[name="sitio"]', 'centro');
  await goOn(page);
  assert.match(await page.innerText('.field.wrong .error'), /1/);
  await page.fill('[name="pagina"]', '1');
  await look(page, 'central-place-without-script');
  await goOn(page);
  assert.equal(here(page), `${operation}/certificado`);
}), only);

/* ---- The gateway ---- */

test('the SMS gateway is away: told, tried again, and the code comes when it is back', () => withPage({}, async () => {
  const page = await asCitizen();
  const operation = await upload(page, ['Sin mensajes']);
  phones.forget();
  await phones.goAway();
  await toAuthorise(page, operation);
  await page.waitForFunction(() => document.querySelector('[data-delivery]').textContent === document.querySelector('form[data-module="activation"] [data-texts]').dataset.notSent);
  assert.ok(await page.locator('form[data-module="activation"] button[type="submit"]').isVisible(), 'its code may still come');
  await look(page, 'central-gateway-away');
  await phones.comeBack();
  const { code } = await sms();
  await page.waitForFunction(() => document.querySelector('[data-delivery]').textContent === document.querySelector('form[data-module="activation"] [data-texts]').dataset.sent);
  await give(page, { password: PASSWORD, code });
  await page.waitForURL(`${platform.url}${operation}/resultado`);
  await page.context().close();
}), only);

/* ---- Renewal, and a password that is wrong too often ---- */

let renewed = '';

test('a certificate that ends soon is renewed in the midst of a signature', () => withPage({}, async () => {
  const page = await asCitizen();
  await page.goto(`${platform.url}/certificados/central/${credential}`);
  await ready(page);
  assert.match(await page.innerText('main'), /otro a tiempo/, 'to be renewed in time');
  await look(page, 'central-ends-soon');
  const operation = await upload(page, ['Con el certificado renovado']);
  await page.goto(`${platform.url}${operation}/certificado`);
  await ready(page);
  assert.ok(await page.isChecked(`[name="certificado"][value="${credential}"]`), 'it still signs');
  await makeCertificate(page, phones, OTHER);
  await page.waitForURL(new RegExp(`${operation}/certificado\\?con=[0-9a-f]{32}$`));
  renewed = new URL(page.url()).searchParams.get('con');
  assert.notEqual(renewed, credential);
  assert.ok(await page.isChecked(`[name="certificado"][value="${renewed}"]`), 'the new one is chosen already');
  await sign(page, operation, { password: OTHER });
  const file = await page.request.get(`${platform.url}${operation}/resultado/1`);
  assert.match(checkSignature(await file.body()), /WILFREDO/i);
  await page.goto(`${platform.url}/certificados/central/${renewed}`);
  assert.match(await page.innerText('.timeline'), /Con el certificado renovado/);
  await page.context().close();
}), only);

test('five wrong signing passwords with a code by SMS: locked, and told', () => withPage({}, async () => {
  const page = await asCitizen();
  const operation = await upload(page, ['Contraseñas equivocadas']);
  await page.goto(`${platform.url}${operation}/certificado`);
  await page.check(`[name="certificado"][value="${renewed}"]`);
  phones.forget();
  await Promise.all([page.waitForNavigation(), send(page, 'form[action$="/autorizar"]')]);
  await agreed(page);
  const { code } = await sms();
  for (let tries = 1; tries <= 5; tries++) {
    await give(page, { password: `tampoco es esta ${tries}`, code });
    if (tries < 5) assert.match(await toldAt(page, 'password'), new RegExp(String(5 - tries)));
  }
  await page.waitForSelector('[data-final]:not([hidden])');
  assert.equal(await page.locator('form[data-module="activation"] button[type="submit"]').isVisible(), false);
  await ready(page);
  await look(page, 'central-locked-sms');
  const late = await post(page, await sealed(page, { password: OTHER, code }));
  assert.equal(late.status(), 422, 'the right password comes too late');
  await page.goto(`${platform.url}${operation}/certificado`);
  assert.equal(await page.locator('.unusable').count(), 1);
  assert.ok(await page.isChecked(`[name="certificado"][value="${credential}"]`), 'the other one still signs');
  // A locked key can still be destroyed, by a code alone.
  await page.goto(`${platform.url}/certificados/central/${renewed}/destruir`);
  await page.fill('[name="palabra"]', 'destruir');
  phones.forget();
  await send(page, 'form.confirm');
  await agreed(page);
  await give(page, { code: (await sms()).code });
  await page.waitForURL(`${platform.url}/certificados/central/${renewed}?hecho=destruir`);
  await page.context().close();
}), only);

test('what is no PDF is told at once, by its name', () => withPage({}, async () => {
  const page = await asCitizen();
  await page.goto(`${platform.url}/firmar`);
  await ready(page);
  await page.setInputFiles('[name="documentos"]', { name: 'carta.pdf', mimeType: 'application/pdf', buffer: Buffer.from('no es un PDF') });
  await send(page, 'form[action="/firmar"]');
  await page.waitForSelector('.field.wrong');
  assert.match(await page.innerText('.field.wrong .error'), /carta/);
  await ready(page);
  await look(page, 'central-own-wrong');
  await page.context().close();
}), only);

test('who follows the address is asked to sign in, and comes back; somebody else gets nothing', () => withPage({}, async (page) => {
  const citizen = await asCitizen();
  const operation = await upload(citizen, ['Declaración jurada']);
  await citizen.context().close();
  await page.goto(platform.url + operation);
  await ready(page);
  assert.equal(await page.locator('.viewer, iframe').count(), 0);
  await look(page, 'central-sign-in');
  await page.click('main a[href^="/acceso"]');
  await fillSignIn(page, platform.account('Ciudadano con'));
  await Promise.all([page.waitForURL(platform.url + operation), send(page)]);
  const other = await asSomebody(platform, platform.account('Firmante'));
  assert.equal((await other.goto(platform.url + operation)).status(), 404);
  assert.equal((await other.request.get(`${platform.url}${operation}/documento/1`)).status(), 404);
  await other.context().close();
}), only);

test('without script everything but the password', () => withPage({ javaScriptEnabled: false }, async (page) => {
  await signIn(page, platform, platform.account('Ciudadano con'));
  await page.goto(`${platform.url}/firmar`);
  await page.setInputFiles('[name="documentos"]', await pdf('Sin guiones'));
  await sendOff(page, 'form[action="/firmar"]');
  const operation = here(page);
  assert.match(operation, /^\/firmar\/[\w-]{20,}$/);
  await page.click(`a[href="${operation}/certificado"]`);
  await send(page, 'form[action$="/autorizar"]');
  assert.match(await page.innerText('noscript'), /JavaScript/);
  assert.equal(await page.locator('form[data-module="activation"]').isVisible(), false);
  await look(page, 'central-without-script');
  await page.goto(`${platform.url}/certificados/central/${credential}`);
  assert.equal(await page.locator('a[href$="/registro.jsonl"]').count(), 1);
}), only);

test('its code has ended: told, refused, and begun again', () => withPage({}, async () => {
  const page = await asCitizen();
  const operation = await upload(page, ['Demasiado tarde']);
  await page.goto('about:blank'); // no file is on its way to the page when the server ends
  await codesLast(SHORT);
  phones.forget();
  const since = Date.now();
  await toAuthorise(page, operation);
  const { code } = await sms();
  await page.waitForSelector('[data-final]:not([hidden])', { timeout: 1000 * (SHORT + 120) });
  assert.ok(Date.now() - since > 1000 * (SHORT - 5), 'not before its time');
  assert.equal(await page.locator('form[data-module="activation"] button[type="submit"]').isVisible(), false);
  await look(page, 'central-over');
  // A browser whose clock stands still gets nothing either; pages count whole seconds.
  await page.waitForTimeout(1500);
  const refused = await post(page, await sealed(page, { password: PASSWORD, code }));
  assert.equal(refused.status(), 422);
  assert.equal((await refused.json()).ended, true);
  await codesLast(LONG);
  await page.click('a[data-begin-again]');
  await page.waitForURL(`${platform.url}${operation}/certificado`);
  await sign(page, operation);
  await page.context().close();
}), only);

test('my certificates: uses, log, another password, another mobile', () => withPage({}, async () => {
  const page = await asCitizen();
  await page.goto(`${platform.url}/certificados`);
  await page.click('main a[href="/certificados/central"]');
  await ready(page);
  await look(page, 'central-mine');
  await page.click(`main a[href="/certificados/central/${credential}"]`);
  await ready(page);
  assert.match(await page.innerText('.timeline'), /Acta 20/);
  await look(page, 'central-one');
  const log = await (await page.request.get(`${platform.url}/certificados/central/${credential}/registro.jsonl`)).text();
  const lines = log.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(lines.filter(({ event }) => event === 'sign').length, SIGNED);
  assert.equal(lines.at(-1).events, lines.length - 1);

  const own = `${platform.url}/certificados/central/${credential}`;
  await page.goto(`${own}/clave`);
  await look(page, 'central-change');
  phones.forget();
  await send(page, 'form.confirm');
  await agreed(page);
  await look(page, 'central-change-password');
  await give(page, { password: PASSWORD, newPassword: OTHER, code: (await sms()).code });
  await page.waitForURL(`${own}?hecho=clave`);
  await ready(page);

  await page.goto(`${own}/movil`);
  await page.fill('[name="movil"]', '12');
  await send(page, 'form.confirm');
  await page.waitForSelector('.field.wrong');
  await page.fill('[name="movil"]', NEW_MOBILE);
  phones.forget();
  await send(page, 'form.confirm');
  await agreed(page);
  assert.match(await page.innerText('[data-agreed]'), /987654322/);
  const { code } = await sms(MOBILE, { stays: true });
  const second = await sms(NEW_MOBILE);
  await look(page, 'central-change-mobile');
  await give(page, { password: OTHER, code, secondCode: second.code });
  await page.waitForURL(`${own}?hecho=movil`);
  await page.context().close();
}), only);

test('an authenticator app: its secret is seen by this browser alone, and signs from then on', () => withPage({}, async () => {
  const page = await asCitizen();
  const own = `${platform.url}/certificados/central/${credential}`;
  const bodies = [];
  page.on('response', (answer) => answer.text().then((text) => bodies.push(text), () => {}));
  await page.goto(`${own}/aplicacion`);
  await ready(page);
  phones.forget();
  await send(page, 'form.confirm');
  await page.waitForSelector('[data-qr] svg');
  const secret = (await page.innerText('[data-secret]')).replaceAll(' ', '');
  assert.match(secret, /^[A-Z2-7]{32}$/);
  appSecret = secret;
  await look(page, 'central-app');
  await give(page, { password: OTHER, code: (await sms(NEW_MOBILE)).code, secondCode: await fresh(secret) });
  await page.waitForURL(`${own}?hecho=aplicacion`);
  assert.ok(!bodies.join('\n').includes(secret));
  const operation = await upload(page, ['Con la aplicación']);
  await toAuthorise(page, operation);
  assert.equal(await page.locator('[data-send-again]').count(), 0);
  await look(page, 'central-authorise-app');
  await give(page, { password: OTHER, code: await fresh(secret) });
  await page.waitForURL(`${platform.url}${operation}/resultado`);

  // Five wrong passwords: locked, and told what to do.
  const locked = await upload(page, ['Bloqueado']);
  await toAuthorise(page, locked);
  await fresh(secret);
  for (let tries = 1; tries <= 5; tries++) {
    await give(page, { password: `no es esta ${tries}`, code: lasting(secret) });
    if (tries < 5) assert.match(await toldAt(page, 'password'), new RegExp(String(5 - tries)));
  }
  await page.waitForSelector('[data-final]:not([hidden])');
  await look(page, 'central-locked');
  await page.goto(`${platform.url}${locked}/certificado`);
  assert.equal(await page.locator('.unusable').count(), 1);
  await look(page, 'central-choose-locked');
  await page.context().close();
}), only);

test('destroyed with a typed word and a code, even when it is locked', () => withPage({}, async () => {
  const page = await asCitizen();
  const own = `${platform.url}/certificados/central/${credential}`;
  await page.goto(`${own}/destruir`);
  await page.fill('[name="palabra"]', 'borrar');
  await send(page, 'form.confirm');
  await page.waitForSelector('.field.wrong');
  await ready(page);
  await look(page, 'central-destroy');
  await page.fill('[name="palabra"]', 'destruir');
  phones.forget();
  await send(page, 'form.confirm');
  await agreed(page);
  await give(page, { code: await fresh(appSecret) });
  await page.waitForURL(`${own}?hecho=destruir`);
  assert.equal(await page.locator(`a[href$="/clave"]`).count(), 0);
  await ready(page);
  await look(page, 'central-destroyed');
  await page.context().close();
}), only);

test('a forgotten password: another certificate; five wrong codes: refused for a quarter of an hour', () => withPage({}, async () => {
  const page = await asCitizen();
  const operation = await upload(page, ['Códigos equivocados']);
  await page.goto(`${platform.url}${operation}/certificado`);
  await makeCertificate(page, phones, PASSWORD);
  await page.waitForURL(new RegExp(`${operation}/certificado\\?con=[0-9a-f]{32}$`));
  const another = new URL(page.url()).searchParams.get('con');
  assert.notEqual(another, credential);

  phones.forget();
  await toAuthorise(page, operation);
  const { code } = await sms('+');
  const wrong = code === '111111' ? '222222' : '111111';
  for (let tries = 1; tries <= 5; tries++) {
    await give(page, { password: PASSWORD, code: wrong });
    if (tries < 5) assert.match(await toldAt(page, 'code'), new RegExp(String(5 - tries)));
  }
  await page.waitForSelector('[data-final]:not([hidden])');
  await ready(page);
  await look(page, 'central-codes-refused');
  const right = await post(page, await sealed(page, { password: PASSWORD, code }));
  assert.equal(right.status(), 422, 'the right code comes too late');
  await page.goto(`${platform.url}/certificados/central/${another}`);
  await ready(page);
  assert.match(await page.innerText('main'), /\d\d:\d\d/, 'until when');
  await look(page, 'central-codes-refused-until');
  await page.goto(`${platform.url}${operation}/certificado`);
  assert.equal(await page.locator('.unusable').count(), 1);
  assert.equal(await page.locator('main form[action$="/autorizar"] button[type="submit"]').count(), 0, 'nothing begins meanwhile');
  await ready(page);
  await look(page, 'central-codes-refused-choose');
  await page.context().close();
}), only);

await runAll();
