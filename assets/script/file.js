// SPDX-License-Identifier: EUPL-1.2
// A file field: says what was chosen, and at once when it is too large, not after it was sent.

import { commonTexts } from './page.js';

function size(octets) {
  const language = document.documentElement.lang || 'es';
  const mega = octets >= 1_000_000;
  const number = mega ? octets / 1_000_000 : Math.max(1, Math.round(octets / 1000));
  return `${number.toLocaleString(language, { maximumFractionDigits: 1 })} ${mega ? 'MB' : 'kB'}`;
}

export default function file(input) {
  const maximum = Number(input.dataset.maximum) || Infinity;
  const text = document.createElement('p');
  text.className = 'file-chosen';
  text.setAttribute('role', 'status');
  input.after(text);
  input.addEventListener('change', () => {
    const chosen = [...input.files];
    const large = chosen.some((one) => one.size > maximum);
    const complaint = large ? (commonTexts().tooLarge ?? '').replace('%s', size(maximum)) : '';
    input.setCustomValidity(complaint);
    text.classList.toggle('is-bad', large);
    text.textContent = complaint || chosen.map((one) => `${one.name} (${size(one.size)})`).join(', ');
  });
}
