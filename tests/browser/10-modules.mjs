// SPDX-License-Identifier: EUPL-1.2
// The modules by themselves, in Chromium and under the platform's content policy.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { bytes, makeAuthority, makeFile, makePerson, openssl, path } from '../script/certificates.mjs';
import { atEnd, ready, runAll, test, withPage } from './harness.mjs';
import { serve } from './small_server.mjs';

const PASSWORD = 'contraseña-del-archivo';
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const forms = {};
const keep = (name) => (fields) => {
  forms[name] = fields;
  return '<!DOCTYPE html><html lang="es"><title>Hecho</title><h1>Hecho</h1>';
};
const SALT = 'sal?expires=1';
const server = await serve({
  'GET /favicon.ico': () => '',
  'GET /acceso/codigo-de-seguridad': () => ({ algorithm: 'SHA-256', challenge: sha256(`${SALT}4321`), salt: SALT, maxnumber: 10_000, signature: 'f' }),
  'POST /acceso/certificado/reto': (fields) => ({ text: fields.get('csrf') === 'ficha' ? challengeText() : '' }),
  'POST /cuenta/llaves/opciones': () => ({
    challenge: 'AQIDBAUGBwg', rp: { id: 'localhost', name: 'Refrenda' }, user: { id: 'BQ', name: 'U1', displayName: 'U1' },
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }], attestation: 'none', authenticatorSelection: { residentKey: 'preferred' },
  }),
  'POST /acceso/llave/opciones': () => ({ challenge: 'AQIDBAUGBwk', rpId: 'localhost', allowCredentials: [], userVerification: 'preferred' }),
  'POST /cuenta/sesion/prolongar': () => ({ seconds: 1800 }),
  'POST /clave': keep('clave'), 'POST /acceso/certificado': keep('certificado'), 'POST /aprobar': keep('aprobar'),
  'POST /cuenta/llaves': keep('llave'), 'POST /acceso/llave': keep('conLlave'), 'POST /varios': keep('varios'),
  'GET /elegido': () => '<!DOCTYPE html><html lang="es"><title>Elegido</title><h1>Elegido</h1>',
});
atEnd(() => server.close());
let foreign = false;
function challengeText() {
  return `refrenda-login-v1\n${foreign ? 'https://otra.example' : server.url}\nbm9uY2U\n2026-11-22T05:00:00Z\n`;
}

makeAuthority();
for (const kind of ['rsa', 'p256']) {
  makePerson(kind, kind);
  makeFile(`${kind}.p12`, kind, PASSWORD, ...(kind === 'rsa' ? ['-legacy'] : []));
}

const modules = (work, options = {}) => withPage(options, async (page) => {
  await page.goto(`${server.url}/modules.html`);
  if (options.javaScriptEnabled !== false) await ready(page);
  return work(page);
});

test('a form waits for its security code', () => modules(async (page) => {
  await page.click('#clave button:not([type])');
  await page.waitForURL('**/clave');
  const answer = JSON.parse(Buffer.from(forms.clave.get('security_code'), 'base64'));
  assert.equal(answer.number, 4321);
}));

test('a new password is judged while it is typed, and shown when asked', () => modules(async (page) => {
  await page.fill('#nueva', 'quispe-2026');
  await page.getByText('Muy débil. Se parece a sus datos').waitFor();
  await page.fill('#nueva', 'Tr3n de lluvia, norte');
  await page.getByText('Muy buena').waitFor();
  await page.click('button:text("Mostrar") >> nth=0');
  assert.equal(await page.getAttribute('#nueva', 'type'), 'text');
  await page.click('button:text("Ocultar")');
  assert.equal(await page.getAttribute('#nueva', 'type'), 'password');
}));

function verify(person, text, signature) {
  writeFileSync(path('text'), text);
  writeFileSync(path('signature'), signature);
  openssl('x509', '-in', `${person}.pem`, '-pubkey', '-noout', '-out', 'public.pem');
  assert.match(String(openssl('dgst', '-sha256', '-verify', 'public.pem', '-signature', 'signature', 'text')), /Verified OK/);
}

/** No request holds the file, a piece of it, or the password, in whatever writing. */
function nothingLeaked(file, password) {
  const octets = Buffer.from(file);
  const pieces = [];
  for (let at = 0; at + 24 <= octets.length; at += 24) pieces.push(octets.subarray(at, at + 24));
  const secrets = [Buffer.from(password), Buffer.from(encodeURIComponent(password)), Buffer.from(Buffer.from(password).toString('base64').slice(0, 12)), ...pieces];
  const writings = (octets24) => [octets24, Buffer.from(octets24.toString('base64')), Buffer.from(encodeURIComponent(octets24.toString('base64'))), Buffer.from(octets24.toString('hex'))];
  for (const { url, headers, body } of server.received) {
    const all = Buffer.concat([Buffer.from(url), Buffer.from(JSON.stringify(headers)), body]);
    for (const secret of secrets) for (const writing of writings(secret)) assert.equal(all.indexOf(writing), -1, `${url} has ${writing}`);
  }
}

for (const person of ['rsa', 'p256']) {
  test(`signing in with a certificate (${person}) sends certificate, text and signature, nothing else`, () => modules(async (page) => {
    const file = readFileSync(path(`${person}.p12`));
    server.received.length = 0;
    await page.setInputFiles('#archivo', path(`${person}.p12`));
    await page.fill('#clave-archivo', PASSWORD);
    await page.click('#certificado button:text("Entrar")');
    await page.waitForURL('**/acceso/certificado');
    assert.deepEqual([...forms.certificado.keys()].sort(), ['certificate', 'csrf', 'signature', 'text']);
    const text = Buffer.from(forms.certificado.get('text'), 'base64');
    assert.equal(text.toString(), challengeText());
    assert.deepEqual(Buffer.from(forms.certificado.get('certificate'), 'base64'), Buffer.from(bytes(`${person}.der`)));
    verify(person, text, Buffer.from(forms.certificado.get('signature'), 'base64'));
    nothingLeaked(file, PASSWORD);
    assert.throws(() => nothingLeaked(bytes(`${person}.der`), PASSWORD), 'what is sent would be found');
  }));
}

test('what went wrong with a certificate is told beside the field', () => modules(async (page) => {
  const send = () => page.click('#certificado button:text("Entrar")');
  await send();
  await page.getByText('Elija el archivo').waitFor();
  await page.setInputFiles('#archivo', path('p256.p12'));
  await send();
  await page.getByText('Escriba la clave').waitFor();
  await page.fill('#clave-archivo', 'otra');
  await send();
  await page.getByText('La clave no es esa').waitFor();
  assert.equal(await page.getAttribute('#clave-archivo', 'aria-invalid'), 'true');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'clave-archivo');
  assert.equal(await page.inputValue('#clave-archivo'), '');
  await page.setInputFiles('#archivo', path('p256.pem'));
  await page.fill('#clave-archivo', PASSWORD);
  await send();
  await page.getByText('No es un certificado').waitFor();
}));

test("another place's challenge is not signed", () => modules(async (page) => {
  foreign = true;
  await page.setInputFiles('#archivo', path('p256.p12'));
  await page.fill('#clave-archivo', PASSWORD);
  await page.click('#certificado button:text("Entrar")');
  await page.getByText('No se pudo').waitFor();
  foreign = false;
}));

test('an approval is signed, each text by itself', () => modules(async (page) => {
  await page.setInputFiles('#archivo-2', path('p256.p12'));
  await page.fill('#clave-2', PASSWORD);
  await page.click('button:text("Aprobar") >> nth=0');
  await page.waitForURL('**/aprobar');
  assert.equal(forms.aprobar.get('decision'), 'approve');
  for (const [name, text] of [['firma-1', 'refrenda-access-approval-v1\nA-0007-2026\nÑandú'], ['firma-2', 'otro texto']]) {
    writeFileSync(path('some.cms'), Buffer.from(forms.aprobar.get(name), 'base64'));
    openssl('cms', '-verify', '-binary', '-cades', '-inform', 'DER', '-in', 'some.cms', '-CAfile', 'ca.pem', '-purpose', 'any', '-out', 'text');
    assert.equal(readFileSync(path('text'), 'utf8'), text);
  }
}));

test('to reject needs no signature', () => modules(async (page) => {
  await page.click('button:text("Rechazar")');
  await page.waitForURL('**/aprobar');
  assert.equal(forms.aprobar.get('decision'), 'reject');
  assert.equal(forms.aprobar.get('firma-1'), '');
}));

test('a passkey is made and used', () => modules(async (page) => {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
  await page.click('#llave button');
  await page.waitForURL('**/cuenta/llaves');
  const made = JSON.parse(forms.llave.get('credential'));
  assert.equal(forms.llave.get('name'), 'Mi llave');
  assert.ok(made.response.attestationObject.length > 100);
  assert.equal(JSON.parse(Buffer.from(made.response.clientDataJSON, 'base64url')).challenge, 'AQIDBAUGBwg');
  await page.goto(`${server.url}/modules.html`);
  await ready(page);
  await page.click('#con-llave button');
  await page.waitForURL('**/acceso/llave');
  const used = JSON.parse(forms.conLlave.get('credential'));
  assert.equal(used.id, made.id);
  assert.ok(used.response.signature.length > 50);
}));

test('one box ticks all, buttons wait for a tick', () => modules(async (page) => {
  assert.ok(await page.isDisabled('[data-needs-ticks]'));
  await page.check('[aria-label="Elegir 1"]');
  await page.getByText('1 marcadas').waitFor();
  assert.ok(await page.getByLabel('Marcar todas').evaluate((box) => box.indeterminate));
  await page.getByLabel('Marcar todas').check();
  await page.getByText('2 marcadas').waitFor();
  await page.click('[data-needs-ticks]');
  await page.waitForURL('**/varios');
  assert.deepEqual(forms.varios.getAll('tick'), ['1', '2']);
}));

test('a file that is too large is told before it is sent', () => modules(async (page) => {
  await page.setInputFiles('#oficio', { name: 'oficio.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(2000) });
  await page.getByText('Pasa de 1 kB').waitFor();
  await page.setInputFiles('#oficio', { name: 'oficio.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(900) });
  await page.getByText('oficio.pdf (1 kB)').waitFor();
}));

test('a text is copied', () => modules(async (page) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await Promise.all([page.getByText('Copiado').waitFor(), page.click('button:text("Copiar")')]); // it says so for a moment
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'A-0007-2026');
}));

test('a choice sends its form', () => modules(async (page) => {
  assert.ok(await page.isHidden('[data-without-script]'));
  await page.selectOption('#tipo', 'b');
  await page.waitForURL('**/elegido?tipo=b');
}));

/** Its clock stands still, but for what the test lets it run: machines may be slow. */
const session = (work) => withPage({}, async (page) => {
  const now = Date.now();
  await page.clock.install({ time: now });
  await page.clock.pauseAt(now + 1000);
  await page.goto(`${server.url}/session.html`);
  await ready(page);
  return work(page);
});

test('a minute before its end the session may be extended', () => session(async (page) => {
  assert.ok(!(await page.isVisible('dialog')));
  await page.clock.runFor(4000);
  await page.getByText(/Su sesión termina en (58|59|60) s/).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Continuar');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog', { state: 'hidden' });
  await page.clock.runFor(120_000);
  assert.ok(!(await page.isVisible('dialog')));
}));

test('when it has ended the page says so', () => session(async (page) => {
  await page.clock.runFor(4000);
  await page.keyboard.press('Escape');
  assert.ok(!(await page.isVisible('dialog')));
  await page.clock.runFor(60_000);
  await page.getByText('Su sesión terminó').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Entrar de nuevo');
}));

await runAll();
