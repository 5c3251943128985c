// SPDX-License-Identifier: EUPL-1.2
// Signing in with one's certificate: opens it here, signs the challenge of this sign-in, and sends certificate, text and
// signature only (spec 3.2). The text begins with "refrenda-login-v1" and names this place: what is signed here is good
// for nothing else. The opened key stays in this browser for who signs with it (kept-key.js).

import { CertificateForm } from './certificate-form.js';
import { toBase64 } from './encoding.js';
import { keepPending } from './kept-key.js';
import { post, tokenOf, whileBusy } from './page.js';

const FIRST_LINE = 'refrenda-login-v1';

async function challengeOf(form) {
  const { challenge, challengeUrl } = form.dataset;
  return challengeUrl ? (await post(challengeUrl, { csrf: tokenOf(form) })).text : challenge;
}

/** Nothing else is ever signed here, whatever a server may send: not a document, not another place's challenge. */
function checked(text) {
  const [first, origin] = text.split('\n');
  if (first !== FIRST_LINE || origin !== location.origin) throw new Error('not a challenge of this place');
  return new TextEncoder().encode(text);
}

async function signIn(form, page) {
  const opened = await page.open();
  page.say('signing');
  const text = checked(await challengeOf(form));
  const fields = { text, certificate: opened.certificateDer, signature: await opened.sign(text) };
  for (const [name, octets] of Object.entries(fields)) form.elements[name].value = toBase64(octets);
  page.forget();
  page.say('sending');
  await keepPending(opened);
  form.submit();
}

export default function certificateSignIn(form) {
  const page = new CertificateForm(form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    whileBusy(form, () => signIn(form, page)).catch((cause) => page.complain(cause));
  });
}
