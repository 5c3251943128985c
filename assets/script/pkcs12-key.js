// SPDX-License-Identifier: EUPL-1.2
// Passwords of PKCS#12: what programs make of one, and keys derived from it (RFC 7292 appendix B.2, RFC 8018 §5.2).

import { concat } from './encoding.js';
import { sha256Rounds } from './sha256.js';

const BLOCK = { 'SHA-1': 64, 'SHA-256': 64, 'SHA-384': 128, 'SHA-512': 128 };
const SIZE = { 'SHA-1': 20, 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 };
export const PURPOSE = { KEY: 1, IV: 2, MAC: 3 };

export function bigEndian16(text) {
  const octets = new Uint8Array(text.length * 2);
  for (let at = 0; at < text.length; at++) {
    octets[2 * at] = text.charCodeAt(at) >> 8;
    octets[2 * at + 1] = text.charCodeAt(at) & 0xff;
  }
  return octets;
}

/**
 * The octets that a password may stand for: an ñ is written composed or decomposed, and OpenSSL before 1.1 took each
 * octet of its UTF-8 for a letter. For plain ASCII there is one.
 */
function spellings(password) {
  const utf8 = new TextEncoder().encode(password);
  const octetByOctet = Array.from(utf8, (octet) => String.fromCharCode(octet)).join('');
  return [...new Set([password, password.normalize('NFC'), password.normalize('NFD'), octetByOctet])];
}

/** For the derivation of RFC 7292: BMPString with two zero octets at the end (appendix B.1). */
export function wideForm(password) {
  return concat(bigEndian16(password), Uint8Array.of(0, 0));
}

/** The same of each spelling. */
export function wideForms(password) {
  const forms = spellings(password).map(wideForm);
  return password === '' ? [...forms, new Uint8Array(0)] : forms;
}

/** For PBKDF2: UTF-8 by most programs, Latin-1 by some, BMPString by old NSS. */
export function plainForms(password) {
  const texts = spellings(password);
  const forms = texts.slice(0, 3).map((text) => new TextEncoder().encode(text));
  if (/[^\x00-\x7f]/.test(password) && /^[\x00-\xff]*$/.test(password)) {
    forms.push(Uint8Array.from(password, (letter) => letter.charCodeAt(0)));
  }
  return [...forms, concat(bigEndian16(password), Uint8Array.of(0, 0))];
}

function repeated(octets, block) {
  if (octets.length === 0) return octets;
  const whole = new Uint8Array(Math.ceil(octets.length / block) * block);
  for (let at = 0; at < whole.length; at++) whole[at] = octets[at % octets.length];
  return whole;
}

/** Each block of `state` plus `addend` plus one, modulo its size (step 6C). */
function addToBlocks(state, addend, block) {
  for (let start = 0; start < state.length; start += block) {
    let carry = 1;
    for (let at = block - 1; at >= 0; at--) {
      const sum = state[start + at] + addend[at] + carry;
      state[start + at] = sum;
      carry = sum >> 8;
    }
  }
}

/** H(H(… H(octets))). NSS, which is Firefox, asks for 600,000 rounds of SHA-256: too many answers to wait for one by one. */
async function repeatedDigest(hash, octets, rounds) {
  if (hash === 'SHA-256') return sha256Rounds(octets, rounds);
  let digest = octets;
  for (let round = 0; round < rounds; round++) digest = new Uint8Array(await crypto.subtle.digest(hash, digest));
  return digest;
}

/** RFC 7292 appendix B.2. */
export async function derive(hash, purpose, wide, salt, iterations, size) {
  const block = BLOCK[hash];
  const diversifier = new Uint8Array(block).fill(purpose);
  const state = concat(repeated(salt, block), repeated(wide, block));
  const out = new Uint8Array(Math.ceil(size / SIZE[hash]) * SIZE[hash]);
  for (let at = 0; at < size; at += SIZE[hash]) {
    const digest = await repeatedDigest(hash, concat(diversifier, state), iterations);
    out.set(digest, at);
    addToBlocks(state, repeated(digest, block), block);
  }
  state.fill(0);
  return out.slice(0, size);
}

export async function pbkdf2(hash, plain, salt, iterations, size) {
  const base = await crypto.subtle.importKey('raw', plain, 'PBKDF2', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash, salt, iterations }, base, size * 8);
  return new Uint8Array(bits);
}

export async function hmac(hash, key, octets) {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, octets));
}
