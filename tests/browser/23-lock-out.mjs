// SPDX-License-Identifier: EUPL-1.2
// Too many wrong passwords (spec 5.1): the account is locked, only the right password hears of it, and a mail opens it again.
import assert from 'node:assert/strict';
import { look, ready, runAll, test, withPage } from './harness.mjs';
import { fillSignIn, message, send, signIn } from './people.mjs';
import { startPlatform } from './platform.mjs';

const platform = await startPlatform();
const path = (page) => new URL(page.url()).pathname;
const MOST = 40;

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
  let wrong = '';
  let tries = 0;
  for (; tries < MOST; tries++) {
    await attempt(page, { ...account, password: `no es la clave ${tries}` });
    wrong = await page.innerText('.errors');
    if (tries % 5 !== 4) continue;
    await attempt(page, account);
    if (path(page) === '/') throw new Error(`not locked after ${tries + 1} wrong passwords in a row`);
    const now = await page.innerText('.errors');
    if (now !== wrong) break;
  }
  console.log(`# locked after ${tries + 1} wrong passwords`);
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
