// SPDX-License-Identifier: EUPL-1.2
// Hybrid public key encryption (RFC 9180), base mode, one message to a key: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-GCM.
// What a password goes through on its way to the one process that may read it. WebCrypto does all the counting.

import { concat } from './encoding.js';

const VERSION = text('HPKE-v1');
const KEM = Uint8Array.of(0, 0x10); // DHKEM(P-256, HKDF-SHA256), §7.1
const KDF = Uint8Array.of(0, 1); // HKDF-SHA256, §7.2
const AEAD = { 16: Uint8Array.of(0, 1), 32: Uint8Array.of(0, 2) }; // AES-128-GCM, AES-256-GCM by octets of the key, §7.3
const HASH = 32;
const NONCE = 12;
const CURVE = { name: 'ECDH', namedCurve: 'P-256' };

const KEM_SUITE = concat(text('KEM'), KEM);
const EMPTY = new Uint8Array(0);

function text(ascii) {
  return new TextEncoder().encode(ascii);
}

async function hmac(key, message) {
  const usable = key.length === 0 ? new Uint8Array(HASH) : key; // the same to HMAC (RFC 2104 §2), and browsers take no empty one
  const imported = await crypto.subtle.importKey('raw', usable, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, message));
}

/** RFC 9180 §4: LabeledExtract. */
function extract(suite, salt, label, material) {
  return hmac(salt, concat(VERSION, suite, text(label), material));
}

/** LabeledExpand, for one block of the hash at most: nothing here needs more. */
async function expand(suite, key, label, info, length) {
  const block = await hmac(key, concat(Uint8Array.of(0, length), VERSION, suite, text(label), info, Uint8Array.of(1)));
  return block.slice(0, length);
}

function importPoint(point) {
  return crypto.subtle.importKey('raw', point, CURVE, true, []);
}

async function pointOf(key) {
  return new Uint8Array(await crypto.subtle.exportKey('raw', key));
}

/** §4.1: the secret that both have. */
async function secretOf(privateKey, publicKey, encapsulated, recipient) {
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: 'ECDH', public: publicKey }, privateKey, 256));
  const first = await extract(KEM_SUITE, EMPTY, 'eae_prk', shared);
  return expand(KEM_SUITE, first, 'shared_secret', concat(encapsulated, recipient), HASH);
}

/** §5.1: {key, iv} of the first message, which is the only one. */
async function schedule(shared, info, size) {
  const suite = concat(text('HPKE'), KEM, KDF, AEAD[size]);
  const context = concat(Uint8Array.of(0), await extract(suite, EMPTY, 'psk_id_hash', EMPTY), await extract(suite, EMPTY, 'info_hash', info));
  const secret = await extract(suite, shared, 'secret', EMPTY);
  const raw = await expand(suite, secret, 'key', context, size);
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  return { key, iv: await expand(suite, secret, 'base_nonce', context, NONCE) };
}

/** A pair to receive with; the private half never leaves the browser's keeping. */
export function makeReceiver() {
  return crypto.subtle.generateKey(CURVE, false, ['deriveBits']);
}

export const pointOfReceiver = (pair) => pointOf(pair.publicKey);

/** The point of a SubjectPublicKeyInfo (RFC 5480 §2), or of what is a point already. */
export async function pointOfKey(octets) {
  if (octets.length === 65) return octets;
  return pointOf(await crypto.subtle.importKey('spki', octets, CURVE, true, []));
}

/** {encapsulated, sealed} for who has the private key of `point`. `pair` and `size` are for the vectors of the RFC. */
export async function seal(point, info, plain, { aad = EMPTY, pair = null, size = 32 } = {}) {
  const { publicKey, privateKey } = pair ?? (await crypto.subtle.generateKey(CURVE, true, ['deriveBits']));
  const encapsulated = await pointOf(publicKey);
  const { key, iv } = await schedule(await secretOf(privateKey, await importPoint(point), encapsulated, point), info, size);
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: aad }, key, plain));
  return { encapsulated, sealed };
}

/** The plain octets; rejects for what was not encrypted to this pair with this `info`. */
export async function open(pair, info, { encapsulated, sealed }, { aad = EMPTY, size = 32 } = {}) {
  const point = await pointOf(pair.publicKey);
  const { key, iv } = await schedule(await secretOf(pair.privateKey, await importPoint(encapsulated), encapsulated, point), info, size);
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: aad }, key, sealed));
}
