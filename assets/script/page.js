// SPDX-License-Identifier: EUPL-1.2
// What the modules share: the page's token, its texts, its line of state, and posting to our own addresses.

/** The token against forged requests: of the element's form, of the page else. */
export function tokenOf(element) {
  const form = element.closest('form') ?? element.querySelector('form');
  const field = form?.querySelector('input[name="csrf"]') ?? document.querySelector('input[name="csrf"]');
  return field?.value ?? document.querySelector('meta[name="csrf"]')?.content ?? '';
}

/** The texts that the template has rendered for a module, in the page's language: data- attributes of its data-texts. */
export function textsOf(element) {
  return element.querySelector('[data-texts]')?.dataset ?? {};
}

/** The texts that belong to every page. */
export function commonTexts() {
  return document.getElementById('texts')?.dataset ?? {};
}

/** Tells how far a thing is; `bad` for what went wrong. Screen readers hear it: the element is a status or an alert. */
export function tell(element, text, bad = false) {
  const state = element.querySelector('[data-state]');
  if (!state) return;
  state.textContent = text ?? '';
  state.hidden = !text;
  state.classList.toggle('is-bad', bad);
}

export class AnswerError extends Error {}

/** Posts fields to an address of ours and gives the JSON of the answer. */
export async function post(address, fields) {
  const answer = await fetch(address, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { Accept: 'application/json' },
    credentials: 'same-origin',
    redirect: 'error',
  });
  if (!answer.ok) throw new AnswerError(String(answer.status));
  return answer.json();
}

/** While `work` goes on, the form cannot be sent once more. */
export async function whileBusy(form, work) {
  const buttons = form.querySelectorAll('button:not([type="button"]), input[type="submit"]');
  form.setAttribute('aria-busy', 'true');
  for (const button of buttons) button.disabled = true;
  try {
    return await work();
  } finally {
    form.removeAttribute('aria-busy');
    for (const button of buttons) button.disabled = false;
  }
}
