// SPDX-License-Identifier: EUPL-1.2
// ASN.1 (ITU-T X.690): reads BER, because programs write certificate files with indefinite lengths and strings in
// pieces; writes DER. An element is {tag, content, whole}: views into the octets that were read. Lengths and depth are
// checked before anything is followed.

import { concat } from './encoding.js';

export const TAG = {
  BOOLEAN: 0x01, INTEGER: 0x02, BIT_STRING: 0x03, OCTET_STRING: 0x04, NULL: 0x05, OID: 0x06, UTF8: 0x0c,
  PRINTABLE: 0x13, T61: 0x14, IA5: 0x16, UTC_TIME: 0x17, GENERALIZED_TIME: 0x18, BMP: 0x1e, SEQUENCE: 0x30, SET: 0x31,
};
export const context = (number) => 0xa0 + number; // constructed [number]

const DEPTH = 32;

export class DerError extends Error {}

function fail() {
  throw new DerError('not ASN.1');
}

function readLength(octets, at) {
  const first = octets[at] ?? fail();
  if (first < 0x80) return { length: first, next: at + 1 };
  if (first === 0x80) return { length: -1, next: at + 1 };
  const size = first & 0x7f;
  if (size > 4 || at + size >= octets.length) fail();
  let length = 0;
  for (let i = 1; i <= size; i++) length = length * 256 + octets[at + i];
  return { length, next: at + 1 + size };
}

/** Where an element of indefinite length ends: behind its two zero octets (X.690 §8.1.5). */
function indefinite(octets, tag, start, from, depth) {
  let at = from;
  while (octets[at] !== 0 || octets[at + 1] !== 0) at = readAt(octets, at, depth + 1).end;
  return { tag, content: octets.subarray(from, at), whole: octets.subarray(start, at + 2), end: at + 2 };
}

function readAt(octets, at, depth) {
  const tag = octets[at] ?? fail();
  if (depth > DEPTH || (tag & 0x1f) === 0x1f) fail();
  const { length, next } = readLength(octets, at + 1);
  if (length < 0) return tag & 0x20 ? indefinite(octets, tag, at, next, depth) : fail();
  const end = next + length;
  if (end > octets.length) fail();
  return { tag, content: octets.subarray(next, end), whole: octets.subarray(at, end), end };
}

/** The first element; what follows it is left alone unless `complete`. */
export function read(octets, complete = false) {
  const element = readAt(octets, 0, 0);
  if (complete && element.end !== octets.length) fail();
  return element;
}

/** The elements inside a constructed one. */
export function inside(element) {
  if (!(element.tag & 0x20)) fail();
  const list = [];
  for (let at = 0; at < element.content.length; ) {
    const child = readAt(element.content, at, 0);
    list.push(child);
    at = child.end;
  }
  return list;
}

/** The element, which must have this tag. */
export function expect(element, tag) {
  return element?.tag === tag ? element : fail();
}

/** Octets of an OCTET STRING (or of a [n] that stands for one), also when it was written in pieces (X.690 §8.7.3). */
export function stringOctets(element, depth = 0) {
  if (depth > DEPTH) fail();
  if (!(element.tag & 0x20)) return element.content;
  return concat(...inside(element).map((piece) => stringOctets(piece, depth + 1)));
}

export function readOid(element) {
  const { content } = expect(element, TAG.OID);
  const arcs = [];
  let value = 0;
  for (const octet of content) {
    value = value * 128 + (octet & 0x7f);
    if (!Number.isSafeInteger(value)) fail();
    if (octet & 0x80) continue;
    arcs.push(value);
    value = 0;
  }
  const first = Math.min(Math.floor(arcs[0] / 40), 2);
  return [first, arcs[0] - first * 40, ...arcs.slice(1)].join('.');
}

/** A small number that is not negative. */
export function readNumber(element) {
  const { content } = expect(element, TAG.INTEGER);
  if (content.length === 0 || content.length > 6 || content[0] & 0x80) fail();
  return content.reduce((sum, octet) => sum * 256 + octet, 0);
}

/** UTCTime or GeneralizedTime in Z, as certificates have it (RFC 5280 §4.1.2.5). */
export function readTime(element) {
  const text = String.fromCharCode(...element.content);
  const long = element.tag === TAG.GENERALIZED_TIME;
  const parts = (long ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/).exec(text);
  if (!parts) fail();
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number);
  return new Date(Date.UTC(long ? year : year + (year < 50 ? 2000 : 1900), month - 1, day, hour, minute, second));
}

function lengthOctets(length) {
  if (length < 0x80) return [length];
  const octets = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 + octets.length, ...octets];
}

/** An element with this tag around the parts. */
export function write(tag, ...parts) {
  const content = concat(...parts);
  return concat(Uint8Array.from([tag, ...lengthOctets(content.length)]), content);
}

export const sequence = (...parts) => write(TAG.SEQUENCE, ...parts);
export const octetString = (octets) => write(TAG.OCTET_STRING, octets);
export const nothing = () => write(TAG.NULL);

function compare(a, b) {
  for (let at = 0; at < Math.min(a.length, b.length); at++) if (a[at] !== b[at]) return a[at] - b[at];
  return a.length - b.length;
}

/** SET OF: in the order of the encodings (X.690 §11.6). */
export function setOf(...parts) {
  return write(TAG.SET, ...parts.sort(compare));
}

/** A number that is not negative, of octets with the highest first. */
export function integer(octets) {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start++;
  const digits = octets.subarray(start);
  return digits[0] & 0x80 ? write(TAG.INTEGER, Uint8Array.of(0), digits) : write(TAG.INTEGER, digits);
}

export function oid(text) {
  const [first, second, ...rest] = text.split('.').map(Number);
  const octets = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const group = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) group.unshift((left % 128) + 128);
    octets.push(...group);
  }
  return write(TAG.OID, Uint8Array.from(octets));
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5652 §11.3). */
export function time(date) {
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  const short = date.getUTCFullYear() < 2050;
  return write(short ? TAG.UTC_TIME : TAG.GENERALIZED_TIME, new TextEncoder().encode(short ? digits.slice(2) : digits));
}
