// SPDX-License-Identifier: EUPL-1.2
// Too many wrong passwords (spec 5.1): the account is locked, only the right password hears of it, and a mail opens it again.
import assert from 'node:assert/strict';
import { look, ready, runAll, test, withPage } from './harness.mjs';
import { fillSignIn, message, send, signIn } from './people.mjs';
import { startPlatform } from './platform.mjs';

const platform = await startPlatform();
const path = (page) => new URL(page.url()).pathname;
const WRONG = 10;

/** Sends name and password, with the security code as soon as one is wanted. */
async function attempt(page, account) {
  if (path(page) !== '/acceso') await page.goto(`${platform.url}/acceso`);
  await ready(page);
  await fillSignIn(page, account);
  await Promise.all([page.waitForEvent('framenavigated'), page.press('[name="clave"]', 'Enter')]);
  await page.waitForLoadState();
}

test('an account is locked after many wrong passwords, and opened by a mail', () => withPage({}, async (page) => {
  const account = platform.account('Ciudadana');
  await page.goto(`${platform.url}/acceso`);
  for (let tries = 0; tries < WRONG; tries++) await attempt(page, { ...account, password: `no es la clave ${tries}` });
  const wrong = await page.innerText('.errors');
  await attempt(page, account);
  assert.equal(path(page), '/acceso');
  assert.notEqual(await page.innerText('.errors'), wrong, 'the right password hears of the lock, the wrong ones do not');
  await look(page, 'acceso-bloqueado');
  const { links } = await message(platform, 'persona201@', '/acceso/enlace/');
  await page.goto(links.find((link) => link.includes('/acceso/enlace/')));
  assert.equal(path(page), '/acceso/desbloquear', 'a mail program that looks at the link opens nothing');
  await look(page, 'acceso-desbloquear');
  await send(page, 'form[action="/acceso/desbloquear"]');
  await page.waitForURL('**/acceso');
  await signIn(page, platform, account);
  if (path(page) !== '/') await attempt(page, account);
  assert.equal(path(page), '/');
}));

await runAll();
