// SPDX-License-Identifier: EUPL-1.2
// QR codes (ISO/IEC 18004) of short texts, drawn here because nobody but the person may know what they say: octets, error
// correction M, versions 1 to 10 (213 octets).

const CORRECTION = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26]; // codewords of each block, by version (table 9)
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5];
const TOTAL = [26, 44, 70, 100, 134, 172, 196, 242, 292, 346]; // codewords (table 1)
const ALIGNED = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];
const QUIET = 4;

/* ---- The field of 256 elements: x^8 + x^4 + x^3 + x^2 + 1 ---- */

function multiply(a, b) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    if ((b >> bit) & 1) product ^= a;
  }
  return product;
}

function generator(degree) {
  const polynomial = new Uint8Array(degree);
  polynomial[degree - 1] = 1;
  for (let i = 0, root = 1; i < degree; i++, root = multiply(root, 2)) {
    for (let j = 0; j < degree; j++) polynomial[j] = multiply(polynomial[j], root) ^ (polynomial[j + 1] ?? 0);
  }
  return polynomial;
}

function correctionOf(data, polynomial) {
  const rest = new Array(polynomial.length).fill(0);
  for (const octet of data) {
    const factor = octet ^ rest.shift();
    rest.push(0);
    polynomial.forEach((coefficient, at) => (rest[at] ^= multiply(coefficient, factor)));
  }
  return rest;
}

/* ---- Codewords ---- */

const dataSize = (version) => TOTAL[version - 1] - CORRECTION[version - 1] * BLOCKS[version - 1];

function versionFor(length) {
  for (let version = 1; version <= 10; version++) {
    if (length + (version < 10 ? 2 : 3) <= dataSize(version)) return version;
  }
  throw new RangeError('too long for a QR code');
}

function dataOf(octets, version) {
  const bits = [];
  const put = (value, count) => {
    for (let bit = count - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
  };
  put(4, 4); // octets
  put(octets.length, version < 10 ? 8 : 16);
  for (const octet of octets) put(octet, 8);
  const size = dataSize(version) * 8;
  put(0, Math.min(4, size - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  for (let filler = 0xec; bits.length < size; filler ^= 0xec ^ 0x11) put(filler, 8);
  return Array.from({ length: bits.length / 8 }, (_, at) => Number.parseInt(bits.slice(8 * at, 8 * at + 8).join(''), 2));
}

/** Data and correction of all blocks, one codeword of each in turn (§7.6). */
function codewords(octets, version) {
  const data = dataOf(octets, version);
  const count = BLOCKS[version - 1];
  const polynomial = generator(CORRECTION[version - 1]);
  const short = Math.floor(data.length / count);
  const longer = data.length % count;
  const blocks = [];
  for (let at = 0; blocks.length < count;) {
    const block = data.slice(at, (at += short + (blocks.length >= count - longer ? 1 : 0)));
    blocks.push({ block, correction: correctionOf(block, polynomial) });
  }
  const all = [];
  for (let i = 0; i <= short; i++) for (const { block } of blocks) if (i < block.length) all.push(block[i]);
  for (let i = 0; i < polynomial.length; i++) for (const { correction } of blocks) all.push(correction[i]);
  return all;
}

/* ---- The picture ---- */

class Picture {
  constructor(version) {
    this.version = version;
    this.size = 17 + 4 * version;
    this.dark = Array.from({ length: this.size }, () => new Array(this.size).fill(false));
    this.fixed = Array.from({ length: this.size }, () => new Array(this.size).fill(false));
    this.#patterns();
  }

  set(x, y, dark) {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return;
    this.dark[y][x] = dark;
    this.fixed[y][x] = true;
  }

  #square(x, y, reach, isDark) {
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) this.set(x + dx, y + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))));
    }
  }

  #patterns() {
    const last = this.size - 1;
    for (let i = 0; i < this.size; i++) {
      this.set(6, i, i % 2 === 0);
      this.set(i, 6, i % 2 === 0);
    }
    for (const [x, y] of [[3, 3], [last - 3, 3], [3, last - 3]]) this.#square(x, y, 4, (ring) => ring !== 2 && ring !== 4);
    const places = ALIGNED[this.version - 1];
    const end = places.length - 1;
    places.forEach((x, i) => places.forEach((y, j) => {
      const corner = (i === 0 && j === 0) || (i === 0 && j === end) || (i === end && j === 0);
      if (!corner) this.#square(x, y, 2, (ring) => ring !== 1);
    }));
    this.format(0);
    this.#versionBits();
  }

  /** Error correction M (00) and the mask, with their own correction (§7.9). */
  format(mask) {
    let rest = mask;
    for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
    const bits = ((mask << 10) | rest) ^ 0x5412;
    const bit = (at) => ((bits >> at) & 1) === 1;
    const last = this.size - 1;
    for (let i = 0; i <= 5; i++) this.set(8, i, bit(i));
    this.set(8, 7, bit(6));
    this.set(8, 8, bit(7));
    this.set(7, 8, bit(8));
    for (let i = 9; i < 15; i++) this.set(14 - i, 8, bit(i));
    for (let i = 0; i < 8; i++) this.set(last - i, 8, bit(i));
    for (let i = 8; i < 15; i++) this.set(8, last - 14 + i, bit(i));
    this.set(8, last - 7, true);
  }

  #versionBits() {
    if (this.version < 7) return;
    let rest = this.version;
    for (let i = 0; i < 12; i++) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
    const bits = (this.version << 12) | rest;
    for (let i = 0; i < 18; i++) {
      const a = this.size - 11 + (i % 3);
      const b = Math.floor(i / 3);
      this.set(a, b, ((bits >> i) & 1) === 1);
      this.set(b, a, ((bits >> i) & 1) === 1);
    }
  }

  /** Two columns at a time, up and down, from the right (§7.7.3). */
  place(words) {
    let at = 0;
    for (let right = this.size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      for (let i = 0; i < this.size; i++) {
        const upward = ((right + 1) & 2) === 0;
        const y = upward ? this.size - 1 - i : i;
        for (const x of [right, right - 1]) {
          if (this.fixed[y][x]) continue;
          this.dark[y][x] = at < 8 * words.length && ((words[at >> 3] >> (7 - (at & 7))) & 1) === 1;
          at++;
        }
      }
    }
  }

  /** Mask 0 (§7.8.2): any of the eight is read; a text that is looked at once needs no choice among them. */
  mask() {
    for (let y = 0; y < this.size; y++) {
      for (let x = 0; x < this.size; x++) if (!this.fixed[y][x] && (x + y) % 2 === 0) this.dark[y][x] = !this.dark[y][x];
    }
  }
}

/** Rows of modules, true for dark ones, without the quiet zone. */
export function modulesOf(text) {
  const octets = new TextEncoder().encode(text);
  const version = versionFor(octets.length);
  const picture = new Picture(version);
  picture.place(codewords(octets, version));
  picture.mask();
  return picture.dark;
}

/** An <svg> with the quiet zone; dark on white whatever the page's colours are. */
export function drawQr(text) {
  const rows = modulesOf(text);
  const side = rows.length + 2 * QUIET;
  const make = (name, attributes) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : ''))).join('');
  const svg = make('svg', { viewBox: `0 0 ${side} ${side}`, 'shape-rendering': 'crispEdges' });
  svg.append(make('rect', { width: side, height: side, fill: '#fff' }), make('path', { d: path, fill: '#000' }));
  return svg;
}
