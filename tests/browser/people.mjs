// SPDX-License-Identifier: EUPL-1.2
// What people do on the pages, for tests: sign in and out, read the messages of the demonstration, compute a code as their telephone.
import { createHmac } from 'node:crypto';
import { leading, openPage, ready } from './harness.mjs';
import { until } from './platform.mjs';

/** A button or link of the page's main part that sends the form of `selector`. */
export const send = (page, form = 'main form[method="post"]') => page.locator(`${form} button:not([type="button"])`).first().click();

/** Sends it, and waits for the page that answers. */
export const sendOff = (page, form) => leading(page, () => send(page, form));

export async function fillSignIn(page, { code, password }) {
  await page.fill('[name="usuario"]', code);
  await page.fill('[name="clave"]', password);
}

/** On the page to sign in: name, password, and send. */
export async function signIn(page, platform, account, path = '/acceso') {
  await page.goto(platform.url + path);
  await fillSignIn(page, account);
  await leading(page, () => page.press('[name="clave"]', 'Enter'));
}

/** The page of somebody who is signed in. */
export async function asSomebody(platform, account, options = {}) {
  const page = await openPage(options);
  await signIn(page, platform, account);
  if (new URL(page.url()).pathname.startsWith('/acceso')) throw new Error(`not signed in: ${await page.innerText('main')}`);
  return page;
}

export async function signOut(page, platform) {
  await page.goto(`${platform.url}/cuenta`);
  if (page.withScript) await ready(page);
  await leading(page, () => page.evaluate(() => document.querySelector('form[action="/salir"]').requestSubmit()));
  await page.waitForURL('**/acceso');
}

/** The newest message of the demonstration that holds `text` (a person's address, a word), as {text, links}. */
export async function message(platform, ...texts) {
  const page = await openPage();
  try {
    return await until(`a message with ${texts.join(', ')}`, async () => {
      await page.goto(`${platform.url}/demo/mensajes`);
      for (const article of await page.locator('article.message').all()) {
        const text = await article.innerText();
        if (!texts.every((one) => text.includes(one))) continue;
        const links = await article.locator('a').evaluateAll((all) => all.map((link) => link.href));
        return { text, links };
      }
      return null;
    });
  } finally {
    await page.context().close();
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function fromBase32(text) {
  const bits = [...text.replaceAll(/[\s=]/g, '').toUpperCase()].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((octet) => Number.parseInt(octet, 2)));
}

/** The half minute that it is now. */
export const stepNow = () => Math.floor(Date.now() / 30_000);

/** RFC 6238, six digits of SHA-1 and 30 seconds, of one of those. */
export function totp(secret, step = stepNow()) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const at = digest.at(-1) & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** An authenticator inside Chromium (CDP WebAuthn), which says yes to everything. */
export async function virtualAuthenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options });
  return { session, authenticatorId };
}

export { ready };
