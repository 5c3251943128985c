// SPDX-License-Identifier: EUPL-1.2
// How good a password is: the judgement of src/domain/account/judge.c, but for its list of common ones, which is too long for a
// page. The server's word counts; this one comes while one types.

const SHORTEST = 8;
const OWN_SHORTEST = 3; // shorter words of one's own are in any password by chance
const REST_SHORTEST = 5; // letters that must be left without them
const FEW = 4;

/** Small letters without accents, and digits. */
function fold(text) {
  return text.normalize('NFD').toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Whether little is left of it without the person's own words. */
function isOwn(password, own) {
  let text = fold(password);
  let found = false;
  for (const word of own.split(/\s+/).map(fold)) {
    if (word.length < OWN_SHORTEST || !text.includes(word)) continue;
    found = true;
    text = text.replaceAll(word, ' ');
  }
  return found && text.replaceAll(/[^a-z]/g, '').length < REST_SHORTEST;
}

function strength(characters, kinds) {
  if (characters >= 20 || (characters >= 16 && kinds >= 2)) return 4;
  if (characters >= 16 || (characters >= 12 && kinds >= 2)) return 3;
  if (characters >= 12 || (characters >= 10 && kinds >= 2)) return 2;
  return 1;
}

/** {level: 0 to 4, hint: '', 'short', 'digits', 'similar' or 'repeated'}. Level 0 is what the server does not take. */
export function judge(password, own = '') {
  const characters = [...password].length;
  if (characters < SHORTEST) return { level: 0, hint: 'short' };
  if (/^[0-9]+$/.test(password)) return { level: 0, hint: 'digits' };
  if (isOwn(password, own)) return { level: 0, hint: 'similar' };
  if (new Set(password).size <= FEW) return { level: 1, hint: 'repeated' };
  const kinds = [/[0-9]/, /[a-z]/, /[A-Z]/, /[^0-9a-zA-Z]/].filter((kind) => kind.test(password)).length;
  return { level: strength(characters, kinds), hint: '' };
}
