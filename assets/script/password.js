// SPDX-License-Identifier: EUPL-1.2
// A password field: a button that shows what is typed; for new ones a meter. The texts are the page's; pasting stays possible.

import { commonTexts } from './page.js';
import { judge } from './password-strength.js';

function addButton(input, { show, hide }) {
  if (!show) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'reveal';
  button.textContent = show;
  button.setAttribute('aria-pressed', 'false');
  button.setAttribute('aria-controls', input.id);
  button.addEventListener('click', () => {
    const hidden = input.type === 'password';
    input.type = hidden ? 'text' : 'password';
    button.textContent = hidden ? hide : show;
    button.setAttribute('aria-pressed', String(hidden));
    input.focus();
  });
  input.form?.addEventListener('submit', () => (input.type = 'password')); // browsers remember what text fields held
  input.after(button); // the field stays where it is: somebody may be typing into it already
}

function addMeter(input, texts) {
  const levels = texts.levels?.split('|');
  if (!levels) return;
  const meter = document.createElement('meter');
  Object.assign(meter, { className: 'strength', min: 0, max: 4, low: 2, high: 3, optimum: 4, hidden: true });
  meter.setAttribute('aria-hidden', 'true'); // the text says the same
  const text = document.createElement('p');
  text.className = 'strength-text';
  text.setAttribute('role', 'status');
  input.addEventListener('input', () => {
    const { level, hint } = judge(input.value, input.dataset.own);
    meter.hidden = input.value === '';
    meter.value = level;
    meter.dataset.level = level;
    text.textContent = input.value === '' ? '' : [levels[level], texts[hint]].filter(Boolean).join('. ');
  });
  input.closest('.field')?.append(meter, text);
}

export default function password(input) {
  const texts = commonTexts();
  if ('reveal' in input.dataset) addButton(input, texts);
  if ('strength' in input.dataset) addMeter(input, texts);
}
