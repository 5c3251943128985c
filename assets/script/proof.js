// SPDX-License-Identifier: EUPL-1.2
// The work of the altcha protocol: the number whose SHA-256, written behind the salt, is the challenge.

import { toBase64 } from './encoding.js';
import { sha256Hex } from './sha256.js';

const STEP = 5000;

/** The number, or -1; `report` hears now and then what part of all numbers is tried. */
export function solve({ algorithm, challenge, salt, maxnumber }, report = () => {}) {
  if (algorithm !== 'SHA-256') return -1;
  const text = new TextEncoder();
  for (let number = 0; number <= maxnumber; number++) {
    if (sha256Hex(text.encode(salt + number)) === challenge) return number;
    if (number % STEP === STEP - 1) report(number / maxnumber);
  }
  return -1;
}

/** What the server wants to see: base64 of JSON. */
export function answer({ algorithm, challenge, salt, signature }, number) {
  return toBase64(new TextEncoder().encode(JSON.stringify({ algorithm, challenge, number, salt, signature })));
}
