// SPDX-License-Identifier: EUPL-1.2
// How a person makes a central certificate and authorises with it: password and codes into the fields that never leave the page.
import { ready } from './harness.mjs';
import { send } from './people.mjs';

/** The page's script has read what is authorised. */
export const agreed = (page) => page.waitForSelector('[data-agreed]:not([hidden])');

/** Gives password and codes, {password, newPassword, code, secondCode}, and sends them. */
export async function give(page, proofs) {
  for (const [name, value] of Object.entries(proofs)) await page.fill(`[data-proof="${name}"]`, value);
  if ('newPassword' in proofs) await page.fill('[data-repeat]', proofs.newPassword);
  await page.click('form[data-module="activation"] button[type="submit"]');
}

/** From where one chooses a certificate: makes another. */
export async function makeCertificate(page, phones, newPassword, to = '') {
  await page.click('main a[href*="/certificados/central/nuevo"]');
  await ready(page);
  await page.check('[name="acepto"]');
  phones.forget();
  await send(page, 'form[action="/certificados/central/nuevo"]');
  await agreed(page);
  await give(page, { newPassword, code: (await phones.sms(to)).code });
}
