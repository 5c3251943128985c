// SPDX-License-Identifier: EUPL-1.2
// Makes the person's key in this browser when a form asks for a certificate (spec 3.1): the request (PKCS#10) goes into the form;
// the key, encrypted under the person's password, is saved as a file and kept in the browser's storage. Neither key nor
// password is ever in the form: their inputs have no name. Who brings a request of their own, or has made the key, is let pass.

import { download } from './download.js';
import { toBase64 } from './encoding.js';
import { writeKeyFile } from './key-file.js';
import { find, idOf, keep } from './key-store.js';
import { tell, textsOf, whileBusy } from './page.js';
import { judge } from './password-strength.js';
import { makePair, writeRequest } from './pkcs10.js';

const PAUSE = 800; // until the browser has begun to save the file

class KeyError extends Error {
  constructor(reason, input = null) {
    super(reason);
    this.reason = reason;
    this.input = input;
  }
}

/** The words of the form, or of the page where the form does not ask for them. */
function subjectOf(form) {
  const typed = (names) => (names ?? '').split(' ').map((name) => form.elements[name]?.value.trim()).filter(Boolean).join(' ');
  const { name, number, nameFrom, numberFrom } = form.dataset;
  return { name: name ?? typed(nameFrom), number: number ?? typed(numberFrom) };
}

function nameOf(id, now = new Date()) {
  const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, '0')).join('');
  return `clave-${day}-${id.slice(0, 4).toUpperCase()}.key`;
}

/** {request, id, name, file}: nothing of it is secret but by the password. */
export async function makeKey(kind, password, subject) {
  const pair = await makePair(kind);
  const { der, spki } = await writeRequest(pair, subject);
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey));
  try {
    const id = await idOf(spki);
    return { request: der, id, name: nameOf(id), file: await writeKeyFile(pkcs8, password) };
  } finally {
    pkcs8.fill(0);
  }
}

class KeyRequest {
  constructor(form) {
    this.form = form;
    this.texts = textsOf(form);
    this.password = form.querySelector('[data-key-password]');
    this.repeat = form.querySelector('[data-key-repeat]');
    this.own = form.querySelector('[data-key-own]');
    this.status = form.querySelector('[data-key-status]'); // the form has others
    for (const input of [this.password, this.repeat]) {
      input.removeAttribute('name');
      input.addEventListener('input', () => this.#mark(input, ''));
    }
    form.querySelector('[data-key-another]')?.addEventListener('click', () => this.#another());
    form.querySelector('[data-key-download]')?.addEventListener('click', () => this.#again());
    form.addEventListener('submit', (event) => this.#submit(event));
    this.#show();
  }

  get #made() {
    return this.form.elements.key.value !== '';
  }

  #show() {
    const name = this.form.elements.key_name.value;
    this.form.querySelector('[data-key-make]').hidden = this.#made;
    this.form.querySelector('[data-key-made]').hidden = !this.#made;
    for (const element of this.form.querySelectorAll('[data-key-name]')) element.textContent = name;
  }

  #mark(input, text) {
    const line = input.closest('.field')?.querySelector('[data-key-error]');
    if (text) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
    input.closest('.field')?.classList.toggle('wrong', text !== '');
    if (!line) return;
    line.hidden = text === '';
    line.querySelector('span').textContent = text;
  }

  #another() {
    this.form.elements.key.value = '';
    this.form.elements.key_name.value = '';
    this.#show();
    this.password.focus();
  }

  async #again() {
    const kept = await find(this.form.elements.key_id.value);
    if (kept) download(kept.name, 'application/x-pem-file', kept.file);
    else tell(this.status, this.texts.notKept, true);
  }

  #check() {
    const own = [...this.form.querySelectorAll('input[type="text"][name], input[type="email"][name]')].map((input) => input.value).join(' ');
    if (!globalThis.crypto?.subtle) throw new KeyError('noCrypto');
    if (this.password.value === '') throw new KeyError('passwordMissing', this.password);
    if (judge(this.password.value, own).level === 0) throw new KeyError('passwordWeak', this.password);
    if (this.password.value !== this.repeat.value) throw new KeyError('passwordDifferent', this.repeat);
  }

  async #make() {
    this.#check();
    tell(this.status, this.texts.making);
    const made = await makeKey(this.form.dataset.key, this.password.value, subjectOf(this.form));
    this.password.value = '';
    this.repeat.value = '';
    await keep(made.id, { file: made.file, name: made.name });
    download(made.name, 'application/x-pem-file', made.file);
    this.form.elements.key.value = toBase64(made.request);
    this.form.elements.key_name.value = made.name;
    this.form.elements.key_id.value = made.id;
    this.#show();
    tell(this.status, (this.texts.saved ?? '').replace('%s', made.name));
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }

  #complain(cause) {
    const text = this.texts[cause.reason] ?? this.texts.failed;
    if (!cause.input) {
      tell(this.status, text, true);
      return;
    }
    tell(this.status, '');
    this.#mark(cause.input, text);
    cause.input.focus();
  }

  #submit(event) {
    if (this.#made || this.own?.files.length > 0 || event.submitter?.hasAttribute('data-without-key')) return;
    event.preventDefault();
    const by = event.submitter;
    whileBusy(this.form, () => this.#make())
      .then(() => this.form.requestSubmit(by))
      .catch((cause) => this.#complain(cause));
  }
}

export default function keyRequest(form) {
  new KeyRequest(form);
}
