// SPDX-License-Identifier: EUPL-1.2
// The entry: loads a module only where the page asks for it by data-module. assets/README.md says what each reads.

const MODULES = {
  'auto-submit': () => import('./auto-submit.js'),
  'certificate-approval': () => import('./certificate-approval.js'),
  'certificate-sign-in': () => import('./certificate-sign-in.js'),
  copy: () => import('./copy.js'),
  file: () => import('./file.js'),
  list: () => import('./list.js'),
  passkey: () => import('./passkey.js'),
  password: () => import('./password.js'),
  print: () => import('./print.js'),
  'security-code': () => import('./security-code.js'),
  session: () => import('./session.js'),
};

async function start(element, name) {
  const load = Object.hasOwn(MODULES, name) ? MODULES[name] : null;
  if (load) (await load()).default(element);
}

for (const element of document.querySelectorAll('[data-module]')) {
  for (const name of element.dataset.module.split(/\s+/)) start(element, name);
}
