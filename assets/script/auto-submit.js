// SPDX-License-Identifier: EUPL-1.2
// Sends a form as soon as a choice changes; the button that did it without script goes away.

export default function autoSubmit(input) {
  for (const button of input.form?.querySelectorAll('[data-without-script]') ?? []) button.hidden = true;
  input.addEventListener('change', () => input.form.requestSubmit());
}
