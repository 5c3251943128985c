// SPDX-License-Identifier: EUPL-1.2
// A button that copies a text, and says so for a moment.

const SHOWN = 2500;

export default function copy(button) {
  if (!navigator.clipboard) return;
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const source = document.getElementById(button.dataset.copyFrom);
    await navigator.clipboard.writeText(button.dataset.copy ?? source?.value ?? source?.textContent.trim() ?? '');
    button.textContent = button.dataset.done ?? label;
    setTimeout(() => (button.textContent = label), SHOWN);
  });
}
