// SPDX-License-Identifier: EUPL-1.2
// A button that prints the page.

export default function print(button) {
  button.hidden = false;
  button.addEventListener('click', () => globalThis.print());
}
