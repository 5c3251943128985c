// SPDX-License-Identifier: EUPL-1.2
// A page that waits for something that happens elsewhere: asks data-state-url every few seconds ({"ready": true}), and goes to
// data-next then. Without script there is a link to look again.

import { tell } from './page.js';

const PAUSE = 3000;
const LONGEST = 30_000; // between two questions, when nobody answers

export default function waitFor(element) {
  const { stateUrl, next } = element.dataset;
  let pause = PAUSE;

  async function look() {
    const answer = await fetch(stateUrl, { headers: { Accept: 'application/json' }, credentials: 'same-origin', redirect: 'error' });
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()).ready === true;
  }

  async function step() {
    const ready = document.hidden ? false : await look().then(
      (is) => {
        pause = PAUSE;
        return is;
      },
      () => {
        pause = Math.min(2 * pause, LONGEST);
        return false;
      },
    );
    if (ready) location.assign(next);
    else setTimeout(step, pause);
  }

  tell(element, element.dataset.waiting);
  setTimeout(step, PAUSE);
}
