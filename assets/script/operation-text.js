// SPDX-License-Identifier: EUPL-1.2
// The text of what a person agrees to (src/personal/operation.h). Whoever shows an operation reads it from the very octets that
// password and code are bound to: what is seen is what is authorised.

import { concat } from './encoding.js';

const FIRST = 'Refrenda operation 1';
const NAMES = {
  sign: ['credential', 'portal', 'digest', 'of', 'document', 'time'],
  generate: ['approval', 'portal', 'time'],
  password: ['credential', 'portal', 'time'],
  mobile: ['credential', 'portal', 'mobile', 'time'],
  totp: ['credential', 'portal', 'time'],
  destroy: ['credential', 'portal', 'time'],
};
const FORMS = {
  credential: /^[0-9a-f]{32}$/,
  approval: /^[0-9a-f]{64}$/,
  mobile: /^\+\d{5,20}$/,
  digest: /^SHA-(256|384|512)$/,
  of: /^documents$/,
  time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
};
const DOCUMENT = /^([0-9a-f]{64}) (\S.*|\S)$/u;
const DIGITS = { 'SHA-256': 64, 'SHA-384': 96, 'SHA-512': 128 };
const CONTROL = /\p{Cc}/u;

class OperationError extends Error {}

function refuse(what) {
  throw new OperationError(`the operation's text: ${what}`);
}

/** Lines one after the other, each with the name that is wanted there. */
class Lines {
  #lines;
  #at = 0;

  constructor(text) {
    if (!text.endsWith('\n')) refuse('its end');
    this.#lines = text.slice(0, -1).split('\n');
    if (this.#lines.some((line) => CONTROL.test(line))) refuse('a control character');
  }

  next(name) {
    const line = this.#lines[this.#at++] ?? '';
    if (name === null) return line;
    if (!line.startsWith(`${name}: `)) refuse(`${name} is missing`);
    const value = line.slice(name.length + 2);
    if (value === '' || (FORMS[name] && !FORMS[name].test(value))) refuse(name);
    return value;
  }

  is(name) {
    return (this.#lines[this.#at] ?? '').startsWith(`${name}: `);
  }

  get ended() {
    return this.#at === this.#lines.length;
  }
}

function readDocuments(lines, digest) {
  const documents = [];
  while (lines.is('document')) {
    const [, shown, title] = DOCUMENT.exec(lines.next('document')) ?? refuse('a document');
    const hash = lines.next('hash');
    if (hash.length !== DIGITS[digest] || !/^[0-9a-f]+$/.test(hash)) refuse('a hash');
    documents.push({ shown, title, hash });
  }
  if (documents.length === 0) refuse('no document');
  return documents;
}

/** {kind, credential, approval, portal, mobile, digest, of, documents: [{shown, title, hash}], time}; throws for anything else. */
export function readOperation(octets) {
  const lines = new Lines(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets));
  if (lines.next(null) !== FIRST) refuse('its first line');
  const operation = { kind: lines.next('kind'), documents: [] };
  for (const name of NAMES[operation.kind] ?? refuse('its kind')) {
    if (name === 'document') operation.documents = readDocuments(lines, operation.digest);
    else if (name === 'of' && !lines.is('of')) continue;
    else operation[name] = lines.next(name);
  }
  if (!lines.ended) refuse('more than there should be');
  return operation;
}

/**
 * The HPKE info of an activation: personal_activation_info() of src/personal/operation.h. `appPoint`: of the key that an app's
 * secret is encrypted to, this browser's own, never one that came with the page: who put another in its place gets no proof.
 */
export async function activationInfo(octets, operation, nonce, appPoint) {
  const words = ['refrenda-activation-1', operation.credential ?? operation.approval, operation.kind];
  const hash = async (of) => new Uint8Array(await crypto.subtle.digest('SHA-256', of));
  const parts = [new TextEncoder().encode(words.map((word) => `${word}\0`).join('')), await hash(octets), nonce];
  if (operation.kind === 'totp') parts.push(await hash(appPoint));
  return concat(...parts);
}
