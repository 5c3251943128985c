// SPDX-License-Identifier: EUPL-1.2
// SHA-256 (FIPS 180-4) of short messages, at once: WebCrypto's answers come later, which costs more than the sum itself when
// a hundred thousand are wanted, and it is absent where the page came over plain HTTP.

const K = new Uint32Array(64);
const START = new Uint32Array(8);

/** The first 32 bits of the fractional part. */
function fraction(number) {
  return ((number - Math.floor(number)) * 2 ** 32) >>> 0;
}

/** FIPS 180-4 §4.2.2 and §5.3.3: from the cube and square roots of the first primes. */
function fillConstants() {
  let count = 0;
  for (let number = 2; count < 64; number++) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= number; divisor++) prime &&= number % divisor !== 0;
    if (!prime) continue;
    if (count < 8) START[count] = fraction(Math.sqrt(number));
    K[count++] = fraction(Math.cbrt(number));
  }
}
fillConstants();

const schedule = new Uint32Array(64);
const turn = (word, by) => (word >>> by) | (word << (32 - by));

function block(state, view, at) {
  const w = schedule;
  for (let i = 0; i < 16; i++) w[i] = view.getUint32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ (w[i - 15] >>> 3);
    const s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ (w[i - 2] >>> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const first = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
    const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  const add = [a, b, c, d, e, f, g, h];
  for (let i = 0; i < 8; i++) state[i] += add[i];
}

/** The message with its end and its length (FIPS 180-4 §5.1.1). */
function padded(octets) {
  const size = Math.ceil((octets.length + 9) / 64) * 64;
  const whole = new Uint8Array(size);
  whole.set(octets);
  whole[octets.length] = 0x80;
  const view = new DataView(whole.buffer);
  view.setUint32(size - 8, Math.floor(octets.length / 2 ** 29));
  view.setUint32(size - 4, octets.length << 3);
  return view;
}

function words(octets) {
  const view = padded(octets);
  const state = START.slice();
  for (let at = 0; at < view.byteLength; at += 64) block(state, view, at);
  return state;
}

/** Hexadecimal, in small letters. */
export function sha256Hex(octets) {
  return Array.from(words(octets), (word) => word.toString(16).padStart(8, '0')).join('');
}

/** The digest of the digest and so on, `rounds` times in all: what slow derivations of keys do. */
export function sha256Rounds(octets, rounds) {
  const state = words(octets);
  const view = padded(new Uint8Array(32));
  for (let round = 1; round < rounds; round++) {
    for (let i = 0; i < 8; i++) view.setUint32(4 * i, state[i]);
    state.set(START);
    block(state, view, 0);
  }
  for (let i = 0; i < 8; i++) view.setUint32(4 * i, state[i]);
  return new Uint8Array(view.buffer, 0, 32);
}
