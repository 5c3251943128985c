// SPDX-License-Identifier: EUPL-1.2
// Signing in with a password (spec 5.1): with script, without, with the keyboard alone; the forced change, the forgotten password, the
// sessions, and the way out.
import assert from 'node:assert/strict';
import { leading, look, openPage, ready, runAll, tabTo, test, withPage } from './harness.mjs';
import { asSomebody, fillSignIn, message, send, sendOff, signIn, signOut } from './people.mjs';
import { startPlatform, until } from './platform.mjs';

const platform = await startPlatform();
const GOOD = 'tres gallinas y un tren';
const path = (page) => new URL(page.url()).pathname;
const NO_SCRIPT = { javaScriptEnabled: false };

for (const [how, options] of [['with script', {}], ['without script', NO_SCRIPT]]) {
  test(`a password signs in, ${how}`, () => withPage(options, async (page) => {
    await signIn(page, platform, platform.account('Firmante'));
    assert.equal(path(page), '/');
    assert.equal(await page.locator('h1').count(), 1);
    await page.goto(`${platform.url}/acceso`);
    assert.equal(path(page), '/', 'who is signed in is led on');
  }));

  test(`a wrong password is refused, ${how}, and what was typed stays`, () => withPage(options, async (page) => {
    const { code } = platform.account('Firmante');
    await signIn(page, platform, { code, password: 'no es esta clave' });
    assert.equal(path(page), '/acceso');
    assert.ok(await page.isVisible('.errors'));
    assert.equal(await page.inputValue('[name="usuario"]'), code);
    assert.equal(await page.inputValue('[name="clave"]'), '');
  }));

  test(`one comes back to where one wanted to go, ${how}`, () => withPage(options, async (page) => {
    await page.goto(`${platform.url}/cuenta/sesiones`);
    assert.equal(path(page), '/acceso');
    await fillSignIn(page, platform.account('Firmante'));
    await send(page);
    await page.waitForURL('**/cuenta/sesiones');
  }));
}

test('a search one came from is not garbled on the way', () => withPage({}, async (page) => {
  const wanted = `${platform.url}/cuenta?buscar=${encodeURIComponent('Núñez & 100 %')}&tamano=25`;
  await page.goto(wanted);
  await fillSignIn(page, platform.account('Firmante'));
  await send(page);
  await page.waitForURL('**/cuenta?**');
  assert.equal(new URL(page.url()).searchParams.get('buscar'), 'Núñez & 100 %');
}));

test('nobody learns whether an account exists', () => withPage({}, async (page) => {
  await signIn(page, platform, { code: platform.account('Mesa').code, password: 'no es esta clave' });
  const known = await page.innerText('.errors');
  await signIn(page, platform, { code: 'U9999', password: 'no es esta clave' });
  assert.equal(await page.innerText('.errors'), known);
}));

test('another site is not where one comes back to', () => withPage({}, async (page) => {
  for (const back of ['https://otra.example/', '//otra.example', '/\\otra.example', '/%5Cotra.example']) {
    await signIn(page, platform, platform.account('Firmante'), `/acceso?volver=${encodeURIComponent(back)}`);
    assert.equal(new URL(page.url()).origin, platform.url);
    await signOut(page, platform);
  }
}));

test('after the second failure the browser works out a security code', () => withPage({}, async (page) => {
  const account = platform.account('Notificador');
  await signIn(page, platform, { ...account, password: 'no es esta clave' });
  await fillSignIn(page, { ...account, password: 'tampoco es esta' });
  await send(page);
  await page.waitForSelector('[data-module="security-code"]');
  await look(page, 'acceso-codigo-de-seguridad');
  const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/acceso'));
  await fillSignIn(page, account);
  await send(page);
  const fields = new URLSearchParams((await sent).postData());
  assert.ok(JSON.parse(Buffer.from(fields.get('codigo-de-seguridad'), 'base64')).number >= 0);
  await page.waitForURL(`${platform.url}/`);
}));

test('without script a wait takes the place of the security code', () => withPage(NO_SCRIPT, async (page) => {
  const account = platform.account('Analista');
  for (let tries = 0; tries < 3; tries++) await signIn(page, platform, { ...account, password: 'no es esta clave' });
  await until('the wait is over', async () => {
    await page.waitForTimeout(2000);
    await signIn(page, platform, account);
    return path(page) === '/';
  }, 300_000);
}));

test('one signs in with the keyboard alone', () => withPage({}, async (page) => {
  const { code, password } = platform.account('Firmante');
  await page.goto(`${platform.url}/acceso`);
  await ready(page);
  await page.keyboard.press('Tab');
  assert.match(await page.evaluate(() => document.activeElement.hash), /^#/, 'the first stop leads to the content');
  await tabTo(page, '[name="usuario"]');
  await page.keyboard.type(code);
  await tabTo(page, '[name="clave"]');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${platform.url}/`);
}));

test('a pasted password is taken', () => withPage({}, async (page) => {
  const { code, password } = platform.account('Firmante');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(`${platform.url}/acceso`);
  await page.fill('[name="usuario"]', code);
  await page.evaluate((text) => navigator.clipboard.writeText(text), password);
  await page.focus('[name="clave"]');
  await page.keyboard.press('Control+V');
  await until('it is pasted', async () => (await page.inputValue('[name="clave"]')) === password);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${platform.url}/`);
}));

test('a temporary password has to be changed at the first sign-in', async () => {
  const administrator = await asSomebody(platform, platform.account('Administradora'));
  const { code } = platform.account('Mesa');
  await administrator.goto(`${platform.url}/administracion/cuentas?buscar=${code}`);
  await administrator.locator('tbody a').first().click();
  await administrator.locator('a[href$="/clave"]').click();
  await look(administrator, 'cuentas-clave-temporal');
  await administrator.fill('[name="password"]', 'provisional de hoy 31');
  await send(administrator, 'main form.confirm');
  await administrator.waitForURL(/cuentas\/\d+$/);
  await administrator.context().close();

  await withPage({}, async (page) => {
    await signIn(page, platform, { code, password: 'provisional de hoy 31' });
    assert.equal(path(page), '/acceso/cambiar-clave');
    await look(page, 'acceso-cambiar-clave');
    await page.goto(`${platform.url}/cuenta`);
    assert.notEqual(path(page), '/cuenta', 'nothing else before that');
    await page.goto(`${platform.url}/acceso/cambiar-clave`);
    await ready(page);
    for (const [bad, other] of [['corta', 'corta'], ['1029384756', '1029384756'], ['password123', 'password123'], [GOOD, 'otra cosa']]) {
      await page.fill('[name="password"]', bad);
      await page.fill('[name="repeat"]', other);
      await sendOff(page);
      await page.waitForSelector('.field.wrong');
      assert.equal(await page.inputValue('[name="password"]'), '');
    }
    await page.fill('[name="password"]', GOOD);
    await page.fill('[name="repeat"]', GOOD);
    await send(page);
    await page.waitForURL(`${platform.url}/`);
    await signOut(page, platform);
    await signIn(page, platform, { code, password: GOOD });
    assert.equal(path(page), '/');
  });
});

test('a forgotten password: one answer for all, a link that is good once', () => withPage({}, async (page) => {
  const { code } = platform.account('Ciudadana');
  const answers = [];
  for (const who of ['U9999', code]) {
    await page.goto(`${platform.url}/acceso/recuperar`);
    if (who === code) await look(page, 'acceso-recuperar');
    await page.fill('[name="quien"]', who);
    await sendOff(page);
    answers.push(await page.innerText('main'));
  }
  assert.equal(answers[0], answers[1]);
  await look(page, 'acceso-recuperar-enviado');
  const { links } = await message(platform, 'persona201@', '/acceso/enlace/');
  const link = links.find((one) => one.includes('/acceso/enlace/'));
  await page.goto(link);
  assert.equal(path(page), '/acceso/clave-nueva', 'the token is not in the address any more');
  await look(page, 'acceso-clave-nueva');
  await page.goto(link);
  assert.equal(path(page), '/acceso/clave-nueva', 'looking uses nothing up');
  await page.fill('[name="password"]', GOOD);
  await page.fill('[name="repeat"]', GOOD);
  await send(page);
  await page.waitForURL('**/acceso');
  await signIn(page, platform, { code, password: GOOD });
  assert.equal(path(page), '/');
  await signOut(page, platform);
  await page.goto(link);
  await page.waitForSelector('a[href="/acceso/recuperar"]');
  await look(page, 'acceso-enlace-usado');
}));

test("one's sessions are listed, and another is closed", async () => {
  const account = platform.account('Auditor');
  const here = await asSomebody(platform, account);
  const there = await asSomebody(platform, account, { userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' });
  const third = await asSomebody(platform, account);
  await here.goto(`${platform.url}/cuenta/sesiones`);
  assert.equal(await here.locator('tbody tr').count(), 3);
  await look(here, 'cuenta-sesiones');
  await leading(here, () => here.locator('tbody tr', { hasText: 'Firefox' }).locator('button').click());
  assert.equal(path(here), '/cuenta/sesiones');
  assert.equal(await here.locator('tbody tr').count(), 2);
  await there.goto(`${platform.url}/cuenta`);
  assert.equal(path(there), '/acceso');
  await sendOff(here, 'form[action="/cuenta/sesiones/cerrar-otras"]');
  assert.equal(path(here), '/cuenta/sesiones');
  assert.equal(await here.locator('tbody tr').count(), 1);
  await third.goto(`${platform.url}/cuenta`);
  assert.equal(path(third), '/acceso');
  for (const page of [here, there, third]) await page.context().close();
});

test('who changes the password closes the other sessions', async () => {
  const account = platform.account('Oficina de Personal');
  const here = await asSomebody(platform, account);
  const there = await asSomebody(platform, account);
  await here.goto(`${platform.url}/cuenta/clave`);
  await here.fill('[name="old"]', account.password);
  await here.fill('[name="password"]', GOOD);
  await here.fill('[name="repeat"]', GOOD);
  await sendOff(here);
  assert.match(path(here), /\/cuenta/);
  assert.ok(!path(here).startsWith('/acceso'));
  await there.goto(`${platform.url}/cuenta`);
  assert.equal(path(there), '/acceso');
  for (const page of [here, there]) await page.context().close();
});

test('the way out leads out, and back leads nowhere', () => withPage({}, async (page) => {
  await signIn(page, platform, platform.account('Firmante'));
  await page.goto(`${platform.url}/cuenta`);
  await signOut(page, platform);
  await page.goBack();
  await page.waitForURL('**/acceso**');
}));

test('the cookie is out of reach of scripts, and new after signing in', () => withPage({}, async (page) => {
  await page.goto(`${platform.url}/acceso`);
  const before = new Map((await page.context().cookies()).map((cookie) => [cookie.name, cookie.value]));
  await signIn(page, platform, platform.account('Firmante'));
  const cookies = await page.context().cookies();
  assert.ok(cookies.length > 0);
  for (const cookie of cookies) {
    assert.ok(cookie.httpOnly && cookie.sameSite !== 'None', cookie.name);
  }
  const session = cookies.find((cookie) => cookie.name === '__Host-refrenda');
  assert.notEqual(session.value, before.get(session.name));
  assert.equal(await page.evaluate(() => document.cookie), '');
}));

test('the page says that the session ends, and extends it', async () => {
  const page = await openPage();
  const now = Date.now();
  await page.clock.install({ time: now });
  await page.clock.pauseAt(now + 1000); // it stands still, but for what the test lets it run
  await signIn(page, platform, platform.account('Firmante'));
  await ready(page);
  const seconds = Number(await page.getAttribute('body', 'data-session'));
  assert.ok(seconds >= 60 && seconds <= 43_200);
  await page.clock.fastForward((seconds - 30) * 1000);
  await page.waitForSelector('dialog[open]');
  const extended = page.waitForResponse('**/cuenta/sesion/prolongar');
  await page.click('[data-extend-button]');
  assert.equal((await extended).status(), 200);
  await page.waitForSelector('dialog', { state: 'hidden' });
  await page.context().close();
});

await runAll();
