// SPDX-License-Identifier: EUPL-1.2
// How good a password is, as the server judges it but for its list of common ones, which is too long for a page.

const SHORTEST = 8;
const ADVISED = 12;
const OWN_SHORTEST = 4; // shorter words of one's own are in any password by chance

function plain(text) {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}

function resembles(password, own) {
  const text = plain(password);
  const words = plain(own).split(/[^\p{L}\p{N}]+/u).filter((word) => word.length >= OWN_SHORTEST);
  return words.some((word) => text.includes(word) || [...word].reverse().join('').includes(text));
}

/** Different letters, with runs such as "aaaa" and "1234" counted once. */
function substance(password) {
  const letters = [...plain(password)].map((letter) => letter.codePointAt(0));
  let counted = Math.min(letters.length, 2);
  for (let at = 2; at < letters.length; at++) {
    if (letters[at] - letters[at - 1] !== letters[at - 1] - letters[at - 2]) counted++;
    else if (Math.abs(letters[at] - letters[at - 1]) > 1) counted++;
  }
  return Math.min(counted, new Set(letters).size * 2);
}

/** {level: 0 to 4, hint: '', 'short', 'digits', 'similar' or 'repeated'}. A hint, and level 0, where the server says no. */
export function judge(password, own = '') {
  const length = [...password].length;
  const real = substance(password);
  if (length < SHORTEST) return { level: 0, hint: 'short' };
  if (/^\d+$/.test(password)) return { level: 0, hint: 'digits' };
  if (resembles(password, own)) return { level: 0, hint: 'similar' };
  if (real < SHORTEST - 2) return { level: 1, hint: 'repeated' };
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\d]/u].filter((kind) => kind.test(password)).length;
  const level = 1 + (real >= 10) + (real >= ADVISED) + (real >= ADVISED + 4 || (real >= ADVISED && kinds >= 3));
  return { level, hint: '' };
}
