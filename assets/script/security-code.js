// SPDX-License-Identifier: EUPL-1.2
// The security code: the browser does a little work instead of the person reading a picture (spec 5.1). Whoever sends the form
// before it is done waits for it; where it cannot be done the form goes without, and the server makes them wait instead.

import { tell } from './page.js';

async function challengeOf(element) {
  if (element.dataset.challenge) return JSON.parse(element.dataset.challenge);
  const answer = await fetch(element.dataset.challengeUrl, { headers: { Accept: 'application/json' } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function work(challenge, report) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./proof-worker.js', import.meta.url), { type: 'module' });
    worker.addEventListener('error', reject);
    worker.addEventListener('message', ({ data }) => {
      if (data.answer === undefined) {
        report(data.part);
        return;
      }
      worker.terminate();
      resolve(data.answer);
    });
    worker.postMessage(challenge);
  });
}

async function fill(element, field) {
  const bar = element.querySelector('progress');
  tell(element, element.dataset.working);
  try {
    field.value = await work(await challengeOf(element), (part) => bar && (bar.value = part));
  } catch {
    field.value = '';
  }
  if (bar) bar.value = 1;
  tell(element, field.value ? element.dataset.done : element.dataset.failed, !field.value);
}

export default function securityCode(element) {
  const field = element.querySelector('input[type="hidden"]');
  const form = element.closest('form');
  let ready = false;
  let sent = null;
  form?.addEventListener('submit', (event) => {
    if (ready) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    sent = { by: event.submitter };
  }, { capture: true });
  fill(element, field).finally(() => {
    ready = true;
    if (sent) form.requestSubmit(sent.by);
  });
}
