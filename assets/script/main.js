// SPDX-License-Identifier: EUPL-1.2
// The entry: loads a module only where the page has what it is for. assets/README.md says what each reads.

const MODULES = [
  ['form[data-module~="activation"]', () => import('./activation.js')],
  ['form[data-module~="agent-signature"]', () => import('./agent-signature.js')],
  ['form[data-module~="app-key"]', () => import('./app-key.js')],
  ['[data-module~="auto-submit"]', () => import('./auto-submit.js')],
  ['[data-module~="certificate-approval"]', () => import('./certificate-approval.js')],
  ['[data-module~="certificate-sign-in"]', () => import('./certificate-sign-in.js')],
  ['[data-module~="copy"]', () => import('./copy.js')],
  ['button[data-enabled-by]', () => import('./enabled-by.js')],
  ['input[type="file"]', () => import('./file.js')],
  ['[data-module~="key-again"]', () => import('./key-again.js')],
  ['[data-module~="key-join"]', () => import('./key-join.js')],
  ['[data-module~="key-request"]', () => import('./key-request.js')],
  ['[data-list]', () => import('./list.js')],
  ['nav.menu-wide', () => import('./menu.js')],
  ['[data-module~="own-key"]', () => import('./own-key.js')],
  ['[data-module~="passkey"]', () => import('./passkey.js')],
  ['input[data-reveal], input[data-strength]', () => import('./password.js')],
  ['[data-module~="print"]', () => import('./print.js')],
  ['[data-module~="security-code"]', () => import('./security-code.js')],
  ['dialog[data-module~="session"]', () => import('./session.js')],
  ['form[data-module~="stamp-place"]', () => import('./stamp-place.js')],
  ['[data-module~="viewer"]', () => import('./viewer.js')],
  ['[data-module~="wait-for"]', () => import('./wait-for.js')],
  ['body', () => import('./kept-key.js')],
];

async function start(selector, load) {
  const elements = document.querySelectorAll(selector);
  if (elements.length === 0) return;
  const module = await load();
  for (const element of elements) module.default(element);
}

document.documentElement.classList.add('has-script');
await Promise.all(MODULES.map(([selector, load]) => start(selector, load)));
document.documentElement.dataset.ready = ''; // what watches the page knows that all is in its place
