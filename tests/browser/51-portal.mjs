// SPDX-License-Identifier: EUPL-1.2
// A portal that has its people sign here: registered by an administrator, and a whole round trip of the sample portal
// (examples/portal.py), a program of its own, from its page to a signature and back, with a notice that it verifies.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { agreed, give, makeCertificate } from './activation.mjs';
import { atEnd, leading, look, ready, runAll, test, withPage } from './harness.mjs';
import { asSomebody, fillSignIn, send } from './people.mjs';
import { Phones } from './phone.mjs';
import { SOURCE, freePorts, startPlatform, until } from './platform.mjs';
import { has } from '../script/certificates.mjs';

const PASSWORD = 'cantuta de otoño 47';
const CLIENT = 'sede-ejemplo';
const missing = has('bearerbox') && has('pdfsig') ? false : 'Kannel or pdfsig is not installed';
const only = { skip: missing };

const phones = new Phones();
const platform = await startPlatform({ enrolled: true, settings: missing ? '' : await phones.start() });
const asAdministrator = (options) => asSomebody(platform, platform.account('Administra'), options);

const [port] = freePorts(1);
const portal = `http://localhost:${port}`;

/** The sample portal, which knows the platform by its address alone. */
async function startPortal(secret) {
  const file = join(platform.folder, 'portal-secret');
  const document = join(platform.folder, 'solicitud.pdf');
  writeFileSync(file, `${secret}\n`);
  execFileSync(join(SOURCE, 'scripts/demo-document.py'), [document]);
  const program = spawn('/usr/bin/python3', [join(SOURCE, 'examples/portal.py'), String(port), platform.url, CLIENT, file, document], { stdio: ['ignore', 'ignore', 'inherit'] });
  atEnd(() => program.kill('SIGTERM'));
  process.on('exit', () => program.kill('SIGTERM'));
  await until('the portal is ready', () => fetch(portal).then(() => true, () => false));
}

let address = ''; // of the portal's page

test('a portal is registered, and its secret is shown once', () => withPage({}, async () => {
  const page = await asAdministrator();
  await page.goto(`${platform.url}/administracion/portales`);
  await look(page, 'portals-none');
  await page.click('main a[href="/administracion/portales/nuevo"]');
  await ready(page);
  await look(page, 'portal-new');
  await page.uncheck('[name="renew"]');
  await page.fill('[name="returns"]', 'http://no.es.seguro/vuelta');
  await send(page);
  await page.waitForSelector('.field.wrong [name="name"]');
  await look(page, 'portal-new-wrong');
  const choices = await page.locator('[name="entity"] option').evaluateAll((all) => all.map(({ value }) => value).filter(Boolean));
  await page.selectOption('[name="entity"]', choices[0]);
  await page.fill('[name="name"]', 'Sede de ejemplo');
  await page.fill('[name="client"]', CLIENT);
  await page.fill('[name="returns"]', `${portal}/vuelta`);
  await page.fill('[name="webhook"]', `${portal}/avisos`);
  await page.check('[name="renew"]');
  await send(page);
  const secret = await page.locator('dd code').nth(1).innerText();
  assert.match(secret, /^[\w-]{43}$/);
  await look(page, 'portal-secret');
  await leading(page, () => page.click('main .actions a'));
  address = new URL(page.url()).pathname;
  assert.ok(!(await page.content()).includes(secret));
  await ready(page);
  await look(page, 'portal');
  await startPortal(secret);
  await page.context().close();
}));

test('a key, which only the operator makes known to the keeper of people’s keys', () => withPage({}, async () => {
  const page = await asAdministrator();
  const key = join(platform.folder, 'con-clave.pem');
  execFileSync('sh', ['-c', 'openssl ecparam -name prime256v1 -genkey -noout | openssl ec -pubout -out "$0"', key], { stdio: 'ignore' });
  await page.goto(`${platform.url}/administracion/portales/nuevo`);
  await page.selectOption('[name="entity"]', { index: 1 });
  await page.fill('[name="name"]', 'Sede con clave');
  await page.fill('[name="client"]', 'con-clave');
  await page.uncheck('[name="renew"]');
  await page.setInputFiles('[name="key_file"]', key);
  await Promise.all([page.waitForURL(/\/administracion\/portales\/\d+$/), send(page)]);
  const command = await page.innerText('pre code');
  assert.match(command, /^refrenda ca register portal con-clave con-clave\.pem --attribute cn='Sede con clave'$/);
  await look(page, 'portal-key-unknown');
  platform.refrenda('ca', 'register', '--home', platform.home, 'portal', 'con-clave', key, '--attribute', 'cn=Sede con clave');
  await page.reload();
  await page.waitForSelector('.callout.good');
  await look(page, 'portal-key-known');
  await page.context().close();
}));

test('from the portal to a signature and back', () => withPage({}, async (page) => {
  await page.goto(portal);
  await page.click('button');
  await page.waitForURL(/\/firmar\/[\w-]{20,}$/);
  const operation = new URL(page.url()).pathname;
  assert.match(await page.innerText('main'), /Sede de ejemplo/);
  await page.click('main a[href^="/acceso"]');
  await fillSignIn(page, platform.account('Ciudadana'));
  await Promise.all([page.waitForURL(platform.url + operation), send(page)]);
  assert.match(await page.innerText('main'), /EXP-1/);
  await page.click(`a[href="${operation}/certificado"]`);
  await makeCertificate(page, phones, PASSWORD);
  await page.waitForURL(new RegExp(`${operation}/certificado\\?con=`));
  phones.forget();
  await send(page, 'form[action$="/autorizar"]');
  await agreed(page);
  const { text, code } = await phones.sms();
  assert.match(text, /Sede de ejemplo/);
  await give(page, { password: PASSWORD, code });
  await page.waitForURL(`${platform.url}${operation}/resultado`);
  await ready(page);
  await look(page, 'portal-result');
  await page.click(`a[href^="${portal}/vuelta?"]`);
  await page.waitForURL(`${portal}/vuelta?operation=*`);
  assert.equal(new URL(page.url()).searchParams.get('state'), 'signed');
  assert.equal(new URL(page.url()).searchParams.get('reference'), 'EXP-1');
  assert.equal(await page.innerText('b'), 'signed');
  await until('the notice, verified', async () => {
    await page.reload();
    return (await page.innerText('i')) === 'signed';
  });
  const file = await page.request.get(new URL(await page.getAttribute('a', 'href'), portal).href);
  const signed = join(platform.folder, 'firmado.pdf');
  writeFileSync(signed, await file.body());
  assert.match(execFileSync('pdfsig', ['-nocert', signed], { stdio: ['ignore', 'pipe', 'ignore'] }).toString(), /Signature is Valid/);
  // Whatever somebody makes up, the portal asks the platform.
  assert.equal((await page.request.get(`${portal}/vuelta?operation=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&state=signed`)).status(), 404);
  assert.equal((await page.request.post(`${portal}/avisos`, { data: '{}', headers: { 'Refrenda-Signature': 'a..b' } })).status(), 400);
}), only);

test('cancelled, and back at the portal', () => withPage({}, async (page) => {
  await page.goto(portal);
  await page.click('button');
  await page.waitForURL(/\/firmar\/[\w-]{20,}$/);
  const operation = new URL(page.url()).pathname;
  await page.click('main a[href^="/acceso"]');
  await fillSignIn(page, platform.account('Ciudadana'));
  await Promise.all([page.waitForURL(platform.url + operation), send(page)]);
  await page.goto(`${platform.url}${operation}/cancelar`);
  await Promise.all([page.waitForURL(platform.url + operation), send(page, 'form.confirm')]);
  await page.click(`a[href^="${portal}/vuelta?"]`);
  await until('the notice', async () => {
    await page.reload();
    return (await page.innerText('i')) === 'cancelled';
  });
  assert.equal(await page.innerText('b'), 'cancelled');
}));

test('operations and notices of the portal, and one sent again', () => withPage({}, async () => {
  const page = await asAdministrator();
  await page.goto(`${platform.url}${address}/operaciones`);
  assert.match(await page.innerText('table'), /EXP-2/);
  await look(page, 'portal-operations');
  await page.goto(`${platform.url}${address}/avisos`);
  await look(page, 'portal-notices');
  await leading(page, () => page.locator('tbody a').first().click());
  await until('it is told that it was sent', async () => { // after the portal has taken it
    await page.reload();
    return (await page.locator('.timeline li').count()) === 1;
  });
  await look(page, 'portal-notice');
  await leading(page, () => send(page));
  await until('it was taken again', async () => {
    await page.reload();
    return (await page.locator('.timeline li.good').count()) === 2;
  });
  await page.goto(`${platform.url}${address}/cerrar`);
  await look(page, 'portal-close');
  await Promise.all([page.waitForURL(`${platform.url}/administracion/portales`), send(page, 'form.confirm')]);
  await look(page, 'portals');
  assert.notEqual((await fetch(portal, { method: 'POST' }).catch(() => ({ status: 500 }))).status, 303); // it is not let in any more
  await page.context().close();
}));

await runAll();
