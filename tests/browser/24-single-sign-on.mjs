// SPDX-License-Identifier: EUPL-1.2
// Single sign-on (spec 5.1) between two platforms: the first is the provider, the second one of its programs. A browser keeps to our
// form-action policy, which forbids forms to lead elsewhere: pages lead on instead.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { look, runAll, test, withPage } from './harness.mjs';
import { asSomebody, fillSignIn, send, signIn } from './people.mjs';
import { startPlatform, until } from './platform.mjs';

const path = (page) => new URL(page.url()).pathname;
const first = await startPlatform();
let second;
let secret;

async function register(page, fields) {
  await page.goto(`${first.url}/administracion/programas/nuevo`);
  for (const [name, value] of Object.entries(fields)) await page.fill(`main [name="${name}"]`, value);
  await send(page);
}

test('an administrator registers a program', async () => {
  const page = await asSomebody(first, first.account('Administradora'));
  await page.goto(`${first.url}/administracion/programas`);
  await look(page, 'programas-vacio');
  await register(page, { name: 'Portal inventado', client_id: 'con blancos', redirects: 'http://portal.example/vuelta' });
  await look(page, 'programa-con-faltas');
  assert.match(await page.innerText('.errors'), /\S/);
  await register(page, { name: 'Segunda casa', client_id: 'segunda', redirects: 'http://127.0.0.1:1/acceso/proveedor/vuelta' });
  secret = (await page.locator('dd code').nth(1).innerText()).trim();
  assert.equal(secret.length, 43);
  await look(page, 'programa-secreto');
  await page.goto(`${first.url}/administracion/programas`);
  await look(page, 'programas');
  await page.context().close();
});

test('a second platform takes it as its provider', async () => {
  const file = join(first.folder, 'secret');
  writeFileSync(file, `${secret}\n`);
  second = await startPlatform({ host: '127.0.0.1', settings: `sso:\n  issuer: "${first.url}"\n  client_id: segunda\n  secret_file: "${file}"\n  label: La primera casa\n` });
  const page = await asSomebody(first, first.account('Administradora'));
  await page.goto(`${first.url}/administracion/programas`);
  await page.click('main tbody a');
  await page.fill('[name="redirects"]', `${second.url}/acceso/proveedor/vuelta`);
  await look(page, 'programa');
  await send(page);
  await page.waitForURL('**/administracion/programas');
  await page.context().close();
});

/** From the second platform's sign-in page to that of the first. */
async function goThere(page, back = '') {
  await until('the second platform knows its provider', async () => {
    await page.goto(`${second.url}/acceso${back}`);
    await page.click('form[action="/acceso/proveedor"] button');
    await page.waitForURL((url) => url.origin === first.url || url.pathname === '/acceso' || url.href === `${second.url}/`);
    return path(page) !== '/acceso' || page.url().startsWith(first.url);
  });
}

for (const javaScriptEnabled of [true, false]) {
  test(`people sign in with their account there${javaScriptEnabled ? '' : ', without script'}`, () => withPage({ javaScriptEnabled }, async (page) => {
    await page.goto(`${second.url}/acceso`);
    if (javaScriptEnabled) await look(page, 'acceso-con-proveedor');
    await goThere(page, '?volver=/cuenta/sesiones');
    await fillSignIn(page, first.account('Mesa'));
    await send(page);
    await page.waitForURL(`${second.url}/cuenta/sesiones`);
    assert.match(await page.innerText('header'), /Nadia/);
  }));
}

test('who is signed in there needs no password', () => withPage({}, async (page) => {
  await signIn(page, first, first.account('Firmante'));
  await goThere(page);
  await page.waitForURL(`${second.url}/`);
}));

const authorize = (more) => `${first.url}/oidc/autorizar?${new URLSearchParams({
  client_id: 'segunda', redirect_uri: `${second.url}/acceso/proveedor/vuelta`, response_type: 'code', scope: 'openid', state: 'x', nonce: 'n',
  code_challenge: createHash('sha256').update('v'.repeat(43)).digest('base64url'), code_challenge_method: 'S256', ...more })}`;

test('a program may ask to sign in again', () => withPage({}, async (page) => {
  await signIn(page, first, first.account('Firmante'));
  await page.goto(authorize({ prompt: 'login' }));
  await look(page, 'acceso-otra-vez');
  await send(page);
  await page.waitForURL('**/acceso?**');
  await fillSignIn(page, first.account('Firmante'));
  await send(page);
  await page.waitForURL(`${second.url}/acceso**`); // with an answer that nobody there has asked for
}));

test('a program may ask to sign out', () => withPage({}, async (page) => {
  await signIn(page, first, first.account('Firmante'));
  await page.goto(`${first.url}/oidc/salir?client_id=segunda`);
  await look(page, 'salir-por-programa');
  await send(page, 'main form[action="/oidc/salir/ahora"]');
  await page.waitForURL('**/acceso');
  await page.goto(`${first.url}/oidc/salir`);
  await look(page, 'salir-hecho');
}));

test('an address that was not registered is nobody\'s', () => withPage({}, async (page) => {
  await page.goto(authorize({ redirect_uri: 'https://otra.example/' }));
  assert.equal(path(page), '/oidc/autorizar');
  await look(page, 'autorizar-mal');
}));

await runAll();
