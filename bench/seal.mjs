// SPDX-License-Identifier: EUPL-1.2
// The browser's part of central signing, for bench/citizen.py: reads lines of JSON {text, nonce, point, proofs} (all but proofs
// in base64url), and writes for each {encapsulated, sealed}.
import { webcrypto } from 'node:crypto';
import { createInterface } from 'node:readline';

globalThis.crypto ??= webcrypto;
const { fromBase64Url, toBase64Url } = await import('../assets/script/encoding.js');
const { pointOfKey, seal } = await import('../assets/script/hpke.js');
const { activationInfo, readOperation } = await import('../assets/script/operation-text.js');

for await (const line of createInterface({ input: process.stdin })) {
  const { text, nonce, point, proofs } = JSON.parse(line);
  const octets = fromBase64Url(text);
  const info = await activationInfo(octets, readOperation(octets), fromBase64Url(nonce));
  const message = await seal(await pointOfKey(fromBase64Url(point)), info, new TextEncoder().encode(JSON.stringify(proofs)));
  console.log(JSON.stringify({ encapsulated: toBase64Url(message.encapsulated), sealed: toBase64Url(message.sealed) }));
}
