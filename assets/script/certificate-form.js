// SPDX-License-Identifier: EUPL-1.2
// What the forms that open a certificate have in common: the file and its password come from inputs without a name, which
// no form sends, and are gone from the page as soon as they were used.

import { OpenedCertificate } from './opened-certificate.js';
import { tell, textsOf } from './page.js';
import { Pkcs12Error } from './pkcs12.js';

const MAXIMUM = 1_000_000; // no certificate file is larger

export class CertificateForm {
  constructor(form) {
    this.form = form;
    this.texts = textsOf(form);
    this.file = form.querySelector('[data-certificate-file]');
    this.password = form.querySelector('[data-certificate-password]');
    for (const input of [this.file, this.password]) {
      input?.removeAttribute('name');
      input?.addEventListener('input', () => this.#mark(input, false));
    }
  }

  /** A text of the page by name; an Error's `reason` is such a name. */
  say(name, bad = false) {
    tell(this.form, this.texts[name] ?? this.texts.failed, bad);
  }

  #mark(input, bad) {
    if (bad) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
  }

  get hasFile() {
    return this.file.files.length > 0;
  }

  complain(cause) {
    const reason = cause instanceof Pkcs12Error ? cause.reason : 'failed';
    this.say(reason, true);
    const input = reason.startsWith('password') ? this.password : this.file;
    if (reason === 'failed' || !input) return;
    this.#mark(input, true);
    input.focus();
  }

  async open() {
    if (!globalThis.crypto?.subtle) throw new Pkcs12Error('noCrypto');
    const [file] = this.file.files;
    if (!file) throw new Pkcs12Error('fileMissing');
    if (file.size > MAXIMUM) throw new Pkcs12Error('fileWrong');
    const password = this.password.value;
    this.say('opening');
    try {
      return await OpenedCertificate.open(new Uint8Array(await file.arrayBuffer()), password);
    } catch (cause) {
      throw cause.reason === 'passwordWrong' && password === '' ? new Pkcs12Error('passwordMissing') : cause;
    } finally {
      this.password.value = '';
    }
  }

  forget() {
    this.file.value = '';
    this.password.value = '';
  }
}
