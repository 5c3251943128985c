// SPDX-License-Identifier: EUPL-1.2
// Second factors (spec 5.1): the app's code, codes by SMS and mail, passkeys.
import assert from 'node:assert/strict';
import { leading, look, ready, runAll, test, withPage } from './harness.mjs';
import { message, send, sendOff, signIn, signOut, stepNow, totp, virtualAuthenticator } from './people.mjs';
import { startPlatform } from './platform.mjs';

const platform = await startPlatform();
const path = (page) => new URL(page.url()).pathname;
const NO_SCRIPT = { javaScriptEnabled: false };

/** A code that is not right now, nor soon. */
function wrongCode(secret) {
  const right = [-2, -1, 0, 1, 2, 3].map((steps) => totp(secret, stepNow() + steps));
  return ['111111', '222222', '333333', '444444', '555555', '666666', '777777'].find((code) => !right.includes(code));
}

/** Sets the app up for who is signed in, and gives its secret. */
async function setUpApp(page) {
  await page.goto(`${platform.url}/cuenta/factores`);
  await send(page, 'form[action="/cuenta/factores"]');
  const secret = await page.innerText('code.secret');
  assert.equal(await page.locator('figure.qr svg').count(), 1);
  await look(page, 'cuenta-factores-app');
  await page.fill('[name="codigo"]', wrongCode(secret));
  await sendOff(page, 'form[action="/cuenta/factores/confirmar"]');
  await page.waitForSelector('.field.wrong');
  await page.fill('[name="codigo"]', totp(secret));
  await send(page, 'form[action="/cuenta/factores/confirmar"]');
  await page.waitForSelector('form[action="/cuenta/factores/quitar"] .danger');
  return secret;
}

for (const [how, options, who] of [['with script', {}, 'Alcaldesa'], ['without script', NO_SCRIPT, 'Gerente municipal']]) {
  test(`the code of an app, ${how}: set up, asked for, good once, taken away`, () => withPage(options, async (page) => {
    const account = platform.account(who);
    await signIn(page, platform, account);
    const secret = await setUpApp(page);
    await signOut(page, platform);
    await signIn(page, platform, account);
    assert.equal(path(page), '/acceso/segundo-factor');
    await look(page, 'acceso-segundo-factor');
    await page.goto(`${platform.url}/cuenta`);
    assert.notEqual(path(page), '/cuenta', 'nothing else before that');
    await page.goto(`${platform.url}/acceso/segundo-factor`);
    await page.fill('[name="codigo"]', wrongCode(secret));
    await sendOff(page, 'form[action="/acceso/segundo-factor"]');
    await page.waitForSelector('.field.wrong');
    const code = totp(secret, stepNow() + 1); // the one before was used to set the app up
    await page.fill('[name="codigo"]', code);
    await send(page, 'form[action="/acceso/segundo-factor"]');
    await page.waitForURL(`${platform.url}/`);
    await signOut(page, platform);
    await signIn(page, platform, account);
    await page.fill('[name="codigo"]', code);
    await send(page, 'form[action="/acceso/segundo-factor"]');
    await page.waitForSelector('.field.wrong');
  }));
}

for (const [channel, word, who, number] of [['sms', 'SMS', 'Notificador', '112'], ['correo', 'e-mail', 'Analista', '116']]) {
  test(`a code by ${word}`, () => withPage({}, async (page) => {
    const account = platform.account(who);
    await signIn(page, platform, account);
    await page.goto(`${platform.url}/cuenta/factores`);
    await leading(page, () => page.locator(`form:has(input[name="por"][value="${channel}"]) button`).click());
    await look(page, `cuenta-factores-${channel}`);
    await signOut(page, platform);
    await signIn(page, platform, account);
    assert.equal(path(page), '/acceso/segundo-factor');
    await send(page, 'form[action="/acceso/segundo-factor/codigo"]');
    await page.waitForURL('**/acceso/segundo-factor?**');
    await look(page, `acceso-segundo-factor-${channel}`);
    const { text } = await message(platform, channel === 'sms' ? `+51900000${number}` : `persona${number}@`, channel === 'sms' ? 'SMS' : '');
    const [code] = /\b\d{6}\b/.exec(text.replace(`+51900000${number}`, ''));
    await page.fill('[name="codigo"]', code);
    await send(page, 'form[action="/acceso/segundo-factor"]');
    await page.waitForURL(`${platform.url}/`);
  }));
}

test('five wrong codes lock codes for a while', () => withPage({}, async (page) => {
  const account = platform.account('Auditor');
  await signIn(page, platform, account);
  const secret = await setUpApp(page);
  await signOut(page, platform);
  await signIn(page, platform, account);
  for (let tries = 0; tries < 5; tries++) {
    await page.fill('[name="codigo"]', wrongCode(secret));
    await sendOff(page, 'form[action="/acceso/segundo-factor"]');
    await page.waitForSelector('.field.wrong');
  }
  await page.fill('[name="codigo"]', totp(secret, stepNow() + 1));
  await sendOff(page, 'form[action="/acceso/segundo-factor"]');
  await page.waitForSelector('.field.wrong');
  assert.equal(path(page), '/acceso/segundo-factor', 'the right code does not help now');
}));

test('a passkey: added, signs in without a name, is the second factor, is taken away', () => withPage({}, async (page) => {
  const account = platform.account('Jefa de Obras');
  await virtualAuthenticator(page);
  await signIn(page, platform, account);
  await page.goto(`${platform.url}/cuenta/llaves`);
  await ready(page);
  await page.fill('[name="nombre"]', 'Mi teléfono');
  await send(page, 'form[action="/cuenta/llaves"]');
  await page.getByRole('cell', { name: 'Mi teléfono' }).first().waitFor();
  await look(page, 'cuenta-llaves');
  await signOut(page, platform);

  await ready(page);
  await send(page, 'form[action="/acceso/llave"]');
  await page.waitForURL(`${platform.url}/`);
  await signOut(page, platform);

  await signIn(page, platform, account);
  assert.equal(path(page), '/acceso/segundo-factor');
  await ready(page);
  await send(page, 'form[action="/acceso/llave"]');
  await page.waitForURL(`${platform.url}/`);

  await page.goto(`${platform.url}/cuenta/llaves`);
  await leading(page, () => page.locator('form[action$="/quitar"] button').click());
  assert.equal(await page.locator('form[action$="/quitar"]').count(), 0);
}));

test('a passkey of another platform signs nobody in', () => withPage({}, async (page) => {
  await virtualAuthenticator(page);
  await page.goto(`${platform.url}/acceso`);
  await ready(page);
  await send(page, 'form[action="/acceso/llave"]');
  await page.waitForSelector('form[action="/acceso/llave"] [data-state].is-bad');
  assert.equal(path(page), '/acceso');
}));

await runAll();
