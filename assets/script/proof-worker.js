// SPDX-License-Identifier: EUPL-1.2
// Does the work beside the page, so that the page stays alive: gets a challenge, says {part} now and then and {answer} last.

import { answer, solve } from './proof.js';

self.addEventListener('message', ({ data: challenge }) => {
  const number = solve(challenge, (part) => self.postMessage({ part }));
  self.postMessage({ answer: number < 0 ? '' : answer(challenge, number) });
});
