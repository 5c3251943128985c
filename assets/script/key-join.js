// SPDX-License-Identifier: EUPL-1.2
// Joins an issued certificate with its key into a .p12, in the page: the key comes from its file, or from what this browser kept;
// file, password and .p12 stay here.

import { readCertificate } from './certificate.js';
import { download } from './download.js';
import { fromBase64 } from './encoding.js';
import { readKeyFile } from './key-file.js';
import { find, forget, idOf } from './key-store.js';
import { belongsTo, importKey } from './opened-certificate.js';
import { tell, textsOf, whileBusy } from './page.js';
import { Pkcs12Error } from './pkcs12.js';
import { writePkcs12 } from './pkcs12-write.js';

const MAXIMUM = 100_000; // no key file is larger

/** The .p12 of a key file's octets and the certificates, the key's own first; Pkcs12Error says why not. */
export async function joinKey(keyFile, password, chain, name) {
  const pkcs8 = await readKeyFile(keyFile, password);
  try {
    const key = await importKey(pkcs8).catch((cause) => {
      throw cause instanceof Pkcs12Error ? cause : new Pkcs12Error('fileWrong', { cause });
    });
    if (!(await belongsTo(key, readCertificate(chain[0])))) throw new Pkcs12Error('notThisKey');
    return await writePkcs12({ pkcs8, chain, name, password });
  } finally {
    pkcs8.fill(0);
  }
}

class KeyJoin {
  constructor(form) {
    this.form = form;
    this.texts = textsOf(form);
    this.file = form.querySelector('[data-key-file]');
    this.password = form.querySelector('[data-key-password]');
    this.chain = form.dataset.chain.trim().split(/\s+/).map(fromBase64);
    for (const input of [this.file, this.password]) {
      input.removeAttribute('name');
      input.addEventListener('input', () => input.removeAttribute('aria-invalid'));
    }
    form.querySelector('[data-key-forget]').addEventListener('click', () => this.#forget());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      whileBusy(form, () => this.#join()).catch((cause) => this.#complain(cause));
    });
    form.hidden = false;
  }

  /** What the browser kept is taken, unless another file is chosen. */
  async look() {
    if (!globalThis.crypto?.subtle) return;
    this.id = await idOf(readCertificate(this.chain[0]).publicKey);
    this.kept = await find(this.id);
    const box = this.form.querySelector('[data-key-kept]');
    box.hidden = !this.kept;
    for (const element of box.querySelectorAll('[data-key-name]')) element.textContent = this.kept?.name ?? '';
  }

  async #octets() {
    const [file] = this.file.files;
    if (!file && this.kept) return new TextEncoder().encode(this.kept.file);
    if (!file) throw new Pkcs12Error('fileMissing');
    if (file.size > MAXIMUM) throw new Pkcs12Error('fileWrong');
    return new Uint8Array(await file.arrayBuffer());
  }

  async #join() {
    if (!globalThis.crypto?.subtle) throw new Pkcs12Error('noCrypto');
    const octets = await this.#octets();
    if (this.password.value === '') throw new Pkcs12Error('passwordMissing');
    tell(this.form, this.texts.joining);
    const { file, name } = this.form.dataset;
    const whole = await joinKey(octets, this.password.value, this.chain, name);
    this.password.value = '';
    download(file, 'application/x-pkcs12', whole);
    tell(this.form, (this.texts.saved ?? '').replace('%s', file));
    for (const element of document.querySelectorAll('[data-key-after]')) element.hidden = false;
  }

  #complain(cause) {
    const reason = cause instanceof Pkcs12Error ? cause.reason : 'failed';
    const input = { fileMissing: this.file, fileWrong: this.file, notThisKey: this.file, unsupported: this.file, passwordMissing: this.password, passwordWrong: this.password }[reason];
    tell(this.form, this.texts[reason] ?? this.texts.failed, true);
    input?.setAttribute('aria-invalid', 'true');
    input?.focus();
  }

  async #forget() {
    await forget(this.id);
    await this.look();
    this.file.focus();
  }
}

export default function keyJoin(form) {
  return new KeyJoin(form).look();
}
