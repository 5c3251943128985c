// SPDX-License-Identifier: EUPL-1.2
// The certifying agent's desk (spec 3.2): signed in with the certificate, whose key then signs approvals and revocations without
// being asked for again; everything else with the keyboard and without script.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultsOf, leading, look, openPage, ready, runAll, tabTo, test, withPage } from './harness.mjs';
import { message, send, sendOff, signIn, signOut } from './people.mjs';
import { startPlatform, until } from './platform.mjs';
import { openssl, path as temporary } from '../script/certificates.mjs';

const platform = await startPlatform({ settings: '' });
const P12 = join(platform.home, 'agente.p12');
const PASSWORD = readFileSync(join(platform.home, 'agente.password'), 'utf8').trim();
const SECOND = 'contraseña de la segunda';
const second = platform.issue('segunda.p12', { given: 'WANDA', surname: 'POSTULADA RIVAS', number: '00000121', profile: 'agent', password: SECOND });
const here = (page) => new URL(page.url()).pathname;

/** On the page to sign in with a certificate: opens the file, and sends. */
async function signInBy(page, file = P12, password = PASSWORD) {
  await ready(page);
  await page.setInputFiles('[data-certificate-file]', file);
  await page.fill('[data-certificate-password]', password);
  await Promise.all([page.waitForNavigation(), send(page, 'form[action="/acceso/certificado"]')]);
}

async function asAgent(page, at = '/agente/solicitudes', ...key) {
  await page.goto(`${platform.url}/acceso/certificado?volver=${at}`);
  await signInBy(page, ...key);
  await page.waitForURL(`${platform.url}${at}`);
  await ready(page);
}

/** A picture of a page is sharp, and large enough. */
let picture;
async function documents() {
  if (picture) return picture;
  const page = await openPage({ viewport: { width: 1000, height: 640 } });
  await page.setContent('<h1>DOCUMENTO NACIONAL DE IDENTIDAD (INVENTADO)</h1>' + '<p>QUISPE MAMANI, ROSA · 70000016 · sin valor legal</p>'.repeat(18));
  picture = temporary('documento.png');
  writeFileSync(picture, await page.screenshot());
  await page.context().close();
  return picture;
}

/** A PKCS#10 of a key of one's own. */
function bring(name) {
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', `${name}.key`);
  openssl('req', '-new', '-key', `${name}.key`, '-subj', '/CN=no importa', '-out', `${name}.csr`);
  return temporary(`${name}.csr`);
}

/** Whatever a field is: its choice that `wanted` is in, or the first, or the text. */
async function fill(page, name, wanted) {
  const field = page.locator(`[name="${name}"]`).first();
  if ((await field.count()) === 0 || !(await field.isVisible())) return;
  if ((await field.evaluate((element) => element.tagName)) === 'SELECT') {
    const options = await field.locator('option').evaluateAll((all) => all.map(({ value, text }) => ({ value, text })));
    const chosen = options.find(({ value, text }) => value && text.includes(wanted)) ?? options.find(({ value }) => value);
    await field.selectOption(chosen.value);
  } else if ((await field.getAttribute('type')) === 'radio') {
    await field.check();
  } else {
    await field.fill(wanted);
  }
}

async function fillPerson(page, { number, given, surname, mail }) {
  for (const [name, value] of Object.entries({
    motive: '', document: 'DNI', number, second_number: '', given_names: given, surname, second_surname: 'Inventado', unit: 'Obras Privadas',
    locality: 'Miraflores, Lima', address: 'Jr. de la Prueba 123', mail, mail_again: mail, mobile: '+51 987 654 321',
  })) await fill(page, name, value);
  for (const file of await page.locator('main input[type="file"][name]:not([name="pkcs10"])').all()) await file.setInputFiles(await documents());
}

/** Asked for without script, with a key that was made elsewhere, and confirmed by the link of the mail. */
async function ask(person) {
  await withPage({ javaScriptEnabled: false }, async (page) => {
    await page.goto(`${platform.url}/firma/solicitud`);
    await fillPerson(page, person);
    await page.setInputFiles('[name="pkcs10"]', bring(person.number));
    await Promise.all([page.waitForNavigation(), send(page, 'main form[enctype]')]);
    assert.equal(here(page), '/firma/solicitud/recibida', await faultsOf(page));
    const { links } = await message(platform, person.mail, '/firma/confirmar/');
    await page.goto(links.find((link) => link.includes('/firma/confirmar/')));
    await sendOff(page);
  });
}

const ROSA = { number: '70000016', given: 'Rosa', surname: 'Quispe', mail: 'rosa@example.pe' };
const JUAN = { number: '70000024', given: 'Juan', surname: 'Huamán', mail: 'juan@example.pe' };
const LUZ = { number: '70000032', given: 'Luz', surname: 'Ccori', mail: 'luz@example.pe' };

/** The row of a list that has this text. */
const row = (text) => `tbody tr:has-text("${text}") a`;

async function checkAll(page) {
  for (const box of await page.locator('[name="mark"]').all()) await box.check();
  await Promise.all([page.waitForNavigation(), send(page, 'form[action$="/revisar"]')]);
}

test('the desk is for who signs in with a certificate, and says so', () => withPage({}, async (page) => {
  await signIn(page, platform, platform.account('Agente'));
  await page.goto(`${platform.url}/agente/mis-solicitudes`);
  await look(page, 'desk-closed');
  await Promise.all([page.waitForNavigation(), send(page, 'main form[action="/salir"]')]);
  assert.equal(here(page), '/acceso/certificado');
  await ready(page);
  await look(page, 'desk-sign-in');
  await signInBy(page);
  assert.equal(here(page), '/agente/mis-solicitudes');
  assert.match(await page.innerText('.agent'), /Elvira/i);
  await ready(page);
  await look(page, 'desk-mine-empty');
}));

test('asked on line, taken, checked, issued with the key that was kept, mailed', async () => {
  await ask(ROSA);
  await withPage({}, async (page) => {
    const sent = [];
    page.on('request', (request) => sent.push(request.postData() ?? ''));
    await asAgent(page);
    await look(page, 'desk-started');
    await leading(page, () => page.locator(row(ROSA.number)).first().click());
    await ready(page);
    await look(page, 'desk-request-free');
    await Promise.all([page.waitForNavigation(), send(page, 'form[action$="/tomar"]')]);
    await ready(page);
    assert.ok(await page.locator('button[aria-describedby="missing"]').isDisabled());
    await look(page, 'desk-request-taken');
    await checkAll(page);
    await ready(page);
    await look(page, 'desk-request-checked');
    await leading(page, () => page.click('a[href$="/generar"]:not(nav a)'));
    await ready(page);
    await page.waitForSelector('[data-kept]:not([hidden])');
    assert.match(await page.innerText('[data-kept-name]'), /ELVIRA/);
    await look(page, 'desk-approve');
    await Promise.all([page.waitForURL('**/agente/certificados/*'), send(page, 'form[data-kind="approval"]')]);
    await ready(page);
    await look(page, 'desk-certificate');
    assert.ok(!sent.join('\n').includes(PASSWORD));
    const form = await page.request.get(new URL(await page.locator('a[href$="/formato.pdf"]').getAttribute('href'), platform.url).href);
    assert.equal(form.headers()['content-type'], 'application/pdf');
    await message(platform, ROSA.mail, 'certificado');
    // The form that its holder signed is kept with it.
    await page.setInputFiles('[name="signed_form"]', await documents());
    await Promise.all([page.waitForNavigation(), send(page, 'form[action$="/formato-firmado"]')]);
    await ready(page);
    await look(page, 'desk-certificate-signed');
    const scan = await page.request.get(new URL(await page.locator('.evidence .name a').getAttribute('href'), platform.url).href);
    assert.equal(scan.status(), 200);
    await page.goto(`${platform.url}/agente/mis-certificados`);
    assert.match(await page.innerText('main'), /70000016/);
    await ready(page);
    await look(page, 'desk-made');
  });
});

test('what is not an approval of the request shown is not signed', () => withPage({}, async (page) => {
  await ask(JUAN);
  await asAgent(page);
  await leading(page, () => page.locator(row(JUAN.number)).first().click());
  await sendOff(page, 'form[action$="/tomar"]');
  await checkAll(page);
  await leading(page, () => page.click('a[href$="/generar"]:not(nav a)'));
  await ready(page);
  let posts = 0;
  page.on('request', (request) => (posts += request.method() === 'POST'));
  const text = await page.locator('[data-signed-text]').textContent();
  const folio = (await page.locator('[data-named]').textContent()).trim();
  for (const wrong of ['refrenda-login-v1\nhttp://localhost\nx\n', text.replace('approval 1', 'revocation 1'), text.replace(folio, 'S-9999-2026'), `${text}request: ${folio}-1-1\n`, text.trim()]) {
    await page.evaluate((value) => (document.querySelector('[data-signed-text]').textContent = value), wrong);
    await send(page, 'form[data-kind="approval"]');
    await page.waitForSelector('[data-state].is-bad');
    assert.equal(posts, 0, wrong);
    await page.reload();
    await ready(page);
  }
  // Who signs in anew and comes straight here has the key kept, too, though several modules of the page want it at once.
  const address = here(page);
  await signOut(page, platform);
  await asAgent(page, address);
  await page.waitForSelector('[data-kept]:not([hidden])');
  assert.equal((await page.evaluate(KEPT)).length, 1);
  // Left to others: two agents, one wins.
  await page.goto(page.url().replace('/generar', ''));
  await page.locator('details:has(form[action$="/soltar"]) summary').click();
  await Promise.all([page.waitForNavigation(), send(page, 'form[action$="/soltar"]')]);
}));

test('two agents open one request: one has it, the other is told who', async () => {
  const [first, other] = [await openPage(), await openPage()];
  await asAgent(first);
  await asAgent(other, '/agente/solicitudes', second, SECOND);
  for (const page of [first, other]) {
    await page.goto(`${platform.url}/agente/solicitudes`);
    await leading(page, () => page.locator(row(JUAN.number)).first().click());
  }
  await Promise.all([first.waitForNavigation(), send(first, 'form[action$="/tomar"]')]);
  await Promise.all([other.waitForNavigation(), send(other, 'form[action$="/tomar"]')]);
  await ready(other);
  assert.match(await other.innerText('.facts'), /Elvira/);
  assert.equal(await other.locator('[name="mark"]').count(), 0);
  await look(other, 'desk-request-others');
  // Returned to its applicant.
  await first.locator('details:has(form[action$="/observar"]) summary').click();
  await sendOff(first, 'form[action$="/observar"]');
  await first.waitForSelector('.errors');
  await ready(first);
  await look(first, 'desk-observe-wrong');
  await first.fill('[name="note"]', 'El reverso del DNI no se lee: tome la foto con más luz.');
  await Promise.all([first.waitForNavigation(), send(first, 'form[action$="/observar"]')]);
  await message(platform, JUAN.mail, 'reverso del DNI');
  await other.context().close();
  await first.context().close();
});

test('in person: the page for the applicant, a key that was brought, and cancelling after ticking', () => withPage({}, async (page) => {
  await asAgent(page, '/agente/generar');
  await look(page, 'desk-in-person');
  await fillPerson(page, LUZ);
  await Promise.all([page.waitForNavigation(), send(page, 'form[action="/agente/generar"]')]);
  assert.match(here(page), /\/llave$/);
  await ready(page);
  await look(page, 'desk-key');
  const address = await page.locator('a[target="_blank"][href*="/firma/clave/"]').getAttribute('href');
  await withPage({}, async (applicant) => {
    const answer = await applicant.goto(address);
    assert.equal(answer.status(), 200);
  });
  // The page goes on by itself when the key is there.
  const upload = await page.context().newPage();
  await upload.goto(page.url());
  await upload.setInputFiles('[name="pkcs10"]', bring(LUZ.number));
  await Promise.all([upload.waitForNavigation(), send(upload, 'form[action$="/llave"]')]);
  await page.waitForURL(/\/agente\/solicitudes\/\d+$/);
  await ready(page);
  await page.locator('details:has(form[action$="/cancelar"]) summary').click();
  const button = page.locator('form[action$="/cancelar"] button');
  assert.ok(await button.isDisabled());
  await page.check('[name="activate"]');
  await page.fill('[name="reason"]', 'La persona desistió.');
  assert.ok(await button.isEnabled());
  await look(page, 'desk-cancel');
  await Promise.all([page.waitForNavigation(), button.click()]);
  await message(platform, LUZ.mail, 'desistió');
}));

test('searched, revoked with the kept key, receipt', () => withPage({}, async (page) => {
  await asAgent(page, '/agente/busqueda');
  await look(page, 'desk-search');
  await page.goto(`${platform.url}/agente/busqueda/validos?buscar=quispe`);
  await ready(page);
  await look(page, 'desk-valid');
  await leading(page, () => page.locator(row(ROSA.number)).first().click());
  await leading(page, () => page.click('a[href$="/revocar"]'));
  await ready(page);
  await look(page, 'desk-revoke');
  await page.fill('[name="number"]', '70000099');
  await page.selectOption('[name="reason"]', { index: 1 });
  await leading(page, () => page.click('button[value="sign"]'));
  await page.waitForSelector('.errors');
  await page.fill('[name="number"]', ROSA.number);
  await leading(page, () => page.click('button[value="sign"]'));
  await ready(page);
  await page.waitForSelector('[data-kept]:not([hidden])');
  await look(page, 'desk-revoke-sign');
  await Promise.all([page.waitForURL('**/agente/revocaciones/*'), page.click('button[value="revoke"]')]);
  await ready(page);
  await look(page, 'desk-revocation');
  const receipt = await page.request.get(new URL(await page.locator('a[href$="/comprobante.pdf"]').getAttribute('href'), platform.url).href);
  assert.equal(receipt.status(), 200);
  assert.equal(receipt.headers()['content-type'], 'application/pdf');
  await message(platform, ROSA.mail, 'revoca');
  await page.goto(`${platform.url}/agente/mis-revocados`);
  assert.match(await page.innerText('main'), /70000016/);
  await ready(page);
  await look(page, 'desk-withdrawn');
  await page.goto(`${platform.url}/agente/revocaciones`);
  await ready(page);
  await look(page, 'desk-revocations');
}));

const KEPT = () => new Promise((resolve) => {
  const request = indexedDB.open('refrenda-agent');
  request.onupgradeneeded = () => request.transaction.abort();
  request.onerror = () => resolve([]);
  request.onsuccess = () => {
    const all = request.result.transaction('entries').objectStore('entries').getAll();
    all.onsuccess = () => {
      request.result.close();
      resolve(all.result.map(({ key, tag }) => ({ extractable: key.extractable, usages: key.usages, type: key.type, tag })));
    };
  };
});

test('the kept key cannot be read, is of this session alone, and is gone after signing out', () => withPage({}, async (page) => {
  await asAgent(page);
  const [kept, ...more] = await until('a kept key', async () => {
    const all = await page.evaluate(KEPT);
    return all.length > 0 && all[0].tag ? all : null;
  });
  assert.deepEqual(more, []);
  assert.equal(kept.extractable, false);
  assert.deepEqual(kept.usages, ['sign']);
  assert.equal(kept.tag, await page.evaluate(() => document.body.dataset.keyTag));
  await signOut(page, platform);
  await ready(page);
  await until('it is gone', async () => (await page.evaluate(KEPT)).length === 0);
}));

test('another session in the same browser does not find it', () => withPage({}, async (page) => {
  await asAgent(page);
  await until('a kept key', async () => (await page.evaluate(KEPT))[0]?.tag);
  await page.context().clearCookies(); // as when the session ended without a page that says so
  await page.goto(`${platform.url}/acceso`);
  await ready(page);
  await until('it is gone', async () => (await page.evaluate(KEPT)).length === 0);
  await asAgent(page, '/agente/solicitudes', second, SECOND);
  const [kept] = await until('the other key', async () => {
    const all = await page.evaluate(KEPT);
    return all[0]?.tag ? all : null;
  });
  assert.equal(kept.tag, await page.evaluate(() => document.body.dataset.keyTag));
}));

test('taken, checked and issued by the keyboard alone, the certificate opened again when none was kept', () => withPage({}, async (page) => {
  await ask({ ...LUZ, number: '70000040', mail: 'otra@example.pe' });
  await asAgent(page);
  await tabTo(page, row('70000040'));
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/agente\/solicitudes\/\d+$/);
  await ready(page);
  await tabTo(page, 'form[action$="/tomar"] button');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  await ready(page);
  for (const box of await page.locator('[name="mark"]').all()) {
    await tabTo(page, `#${await box.getAttribute('id')}`);
    await page.keyboard.press('Space');
  }
  await tabTo(page, 'form[action$="/revisar"] button');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  await ready(page);
  await tabTo(page, 'main a[href$="/generar"]:not(nav a)');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  await page.evaluate(() => new Promise((done) => (indexedDB.deleteDatabase('refrenda-agent').onsuccess = done)));
  await page.reload();
  await ready(page);
  await page.waitForSelector('[data-file-inputs]:not([hidden])');
  await look(page, 'desk-approve-file');
  await page.setInputFiles('[data-certificate-file]', P12);
  await tabTo(page, '[data-certificate-password]');
  await page.keyboard.type('no es esta');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-state].is-bad');
  await page.fill('[data-certificate-password]', '');
  await page.focus('[data-certificate-password]');
  await page.keyboard.type(PASSWORD);
  await Promise.all([page.waitForURL('**/agente/certificados/*'), page.keyboard.press('Enter')]);
}));

test('without script: the text is saved, signed by another program, and handed in', () => withPage({}, async (page) => {
  await ask({ ...JUAN, number: '70000057', mail: 'sinscript@example.pe' });
  await asAgent(page);
  const storageState = await page.context().storageState();
  await withPage({ javaScriptEnabled: false, storageState }, async (plain) => {
    await plain.goto(`${platform.url}/agente/solicitudes`);
    await leading(plain, () => plain.locator(row('70000057')).first().click());
    await sendOff(plain, 'form[action$="/tomar"]');
    for (const box of await plain.locator('[name="mark"]').all()) await box.check();
    await sendOff(plain, 'form[action$="/revisar"]');
    await leading(plain, () => plain.click('a[href$="/generar"]:not(nav a)'));
    await look(plain, 'desk-approve-without-script');
    const text = await plain.request.get(new URL(await plain.locator('a[href$="/aprobacion.txt"]').getAttribute('href'), platform.url).href);
    writeFileSync(temporary('aprobacion.txt'), await text.body());
    openssl('pkcs12', '-in', P12, '-passin', `pass:${PASSWORD}`, '-nodes', '-out', 'agente.pem');
    openssl('cms', '-sign', '-binary', '-nodetach', '-in', 'aprobacion.txt', '-signer', 'agente.pem', '-outform', 'PEM', '-out', 'aprobacion.p7s');
    await plain.setInputFiles('[name="signature_file"]', temporary('aprobacion.p7s'));
    await sendOff(plain, 'form[data-kind="approval"]');
    assert.match(here(plain), /\/agente\/certificados\/\d+/, await plain.innerText('main'));
  });
}));

await runAll();
