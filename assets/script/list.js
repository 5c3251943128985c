// SPDX-License-Identifier: EUPL-1.2
// Lists with ticks: one box ticks all, a line counts them, buttons that need one wait for it. The boxes belong to a form that
// stands elsewhere (form="ticks").

import { commonTexts } from './page.js';

/** The label is seen where the list is a row of cards; in a table the place says what it is for. */
function addBox(list, text) {
  const corner = list.querySelector('thead .tick');
  if (!corner) return null;
  const label = document.createElement('label');
  const all = document.createElement('input');
  const words = document.createElement('span');
  all.type = 'checkbox';
  words.className = 'unseen';
  words.textContent = text ?? '';
  label.append(all, words);
  corner.append(label);
  return all;
}

export default function list(element) {
  const boxes = [...element.querySelectorAll('input[type="checkbox"][name="tick"]')];
  if (boxes.length === 0) return;
  const { form } = boxes[0];
  const all = addBox(element, commonTexts().tickAll);
  const count = form?.querySelector('[data-count]');

  function show() {
    const ticked = boxes.filter((box) => box.checked).length;
    if (all) {
      all.checked = ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    if (count) count.textContent = (count.dataset.text ?? '%d').replace('%d', ticked);
    for (const button of form?.querySelectorAll('[data-needs-ticks]') ?? []) button.disabled = ticked === 0;
  }

  all?.addEventListener('change', () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  for (const box of boxes) box.addEventListener('change', show);
  show();
}
