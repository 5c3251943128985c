// SPDX-License-Identifier: EUPL-1.2
// Security keys and passkeys (WebAuthn level 2): the server's options as JSON with base64url, the credential back the same way.

import { fromBase64Url, toBase64Url } from './encoding.js';
import { post, tell, textsOf, tokenOf, whileBusy } from './page.js';

const OCTETS = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'];

const withId = (entry) => ({ ...entry, id: fromBase64Url(entry.id) });

/** JSON to what navigator.credentials wants: octets where JSON has base64url (WebAuthn §5.4, §5.5). */
export function optionsFromJson(json) {
  const options = { ...(json.publicKey ?? json) };
  options.challenge = fromBase64Url(options.challenge);
  if (options.user) options.user = withId(options.user);
  if (options.excludeCredentials) options.excludeCredentials = options.excludeCredentials.map(withId);
  if (options.allowCredentials) options.allowCredentials = options.allowCredentials.map(withId);
  return options;
}

export function credentialToJson(credential) {
  const response = {};
  for (const name of OCTETS) {
    if (credential.response[name]) response[name] = toBase64Url(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id,
    rawId: toBase64Url(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function ask(form, texts) {
  tell(form, texts.waiting);
  const publicKey = optionsFromJson(await post(form.dataset.options, { csrf: tokenOf(form) }));
  const create = form.dataset.kind === 'create';
  const credential = create
    ? await navigator.credentials.create({ publicKey })
    : await navigator.credentials.get({ publicKey });
  form.elements.credential.value = JSON.stringify(credentialToJson(credential));
  form.submit();
}

/** What went wrong, by the names that browsers give (WebAuthn §5.1.3, §5.1.4). */
function reason(cause) {
  if (cause.name === 'NotAllowedError' || cause.name === 'AbortError') return 'cancelled';
  if (cause.name === 'InvalidStateError') return 'known';
  if (cause.name === 'NotSupportedError' || cause.name === 'SecurityError') return 'unsupported';
  return 'failed';
}

export default function passkey(form) {
  const texts = textsOf(form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!globalThis.PublicKeyCredential) {
      tell(form, texts.unsupported, true);
      return;
    }
    whileBusy(form, () => ask(form, texts)).catch((cause) => tell(form, texts[reason(cause)] ?? texts.failed, true));
  });
}
