// SPDX-License-Identifier: EUPL-1.2
// Signing documents with a certificate of one's own (spec 4.1): its file is opened in this page, the server prepares the documents
// for it, what was prepared is looked at (prepared-document.js), signed here, and the signatures are sent. File, key and password
// leave this page in no way: their inputs have no name.
//
// A key file without its certificate is enough, chosen or kept in this browser since it was made: the page has its owner's
// certificates, and the key's signature says which one is its.

import { readCertificate } from './certificate.js';
import { DerError } from './der.js';
import { equal, fromBase64, fromBase64Url, toBase64Url } from './encoding.js';
import { readKeyFile } from './key-file.js';
import { find, idOf } from './key-store.js';
import { OpenedCertificate, belongsTo, importKey } from './opened-certificate.js';
import { tell, textsOf, tokenOf, whileBusy } from './page.js';
import { Pkcs12Error } from './pkcs12.js';
import { DiffersError, checkPrepared, readAttributes } from './prepared-document.js';

const MAXIMUM = 1_000_000; // no certificate file is larger
const ALGORITHMS = { RSA: 'RSASSA-PKCS1-v1_5', ECDSA: 'ECDSA' };
const FIELD_OF = { passwordMissing: 'password', passwordWrong: 'password' }; // else the file's

/** What the server said is wrong. */
class Refused extends Error {
  constructor({ field, message }) {
    super(message);
    this.field = field;
  }
}

class SignedOut extends Error {}

function checkTime({ from, to }, now = new Date()) {
  if (from > now) throw new Pkcs12Error('notYet');
  if (to < now) throw new Pkcs12Error('expired');
}

/** The key of a file without certificate, with that one of `certificates` (DER) that is its. */
async function openKey(octets, password, certificates) {
  const pkcs8 = await readKeyFile(octets, password);
  try {
    const key = await importKey(pkcs8).catch((cause) => {
      throw cause instanceof Pkcs12Error ? cause : new Pkcs12Error('fileWrong', { cause });
    });
    for (const der of certificates) {
      const certificate = readCertificate(der);
      if (!(await belongsTo(key, certificate))) continue;
      checkTime(certificate);
      return new OpenedCertificate(key, certificate);
    }
    throw new Pkcs12Error('notThisKey');
  } finally {
    pkcs8.fill(0);
  }
}

/** A .p12, or a key file; opening wipes `octets`. */
export async function openOwn(octets, password, certificates) {
  const copy = octets.slice();
  try {
    return await OpenedCertificate.open(octets, password);
  } catch (cause) {
    if (cause.reason !== 'fileWrong') throw cause;
    return await openKey(copy, password, certificates);
  } finally {
    copy.fill(0);
  }
}

class OwnKey {
  constructor(form) {
    this.form = form;
    this.texts = textsOf(form);
    this.file = form.querySelector('[data-own-file]');
    this.password = form.querySelector('[data-own-password]');
    this.certificates = form.dataset.certificates.trim().split(/\s+/).filter(Boolean).map(fromBase64);
    this.shown = [...form.querySelectorAll('[data-shown] li')].map((item, at) => ({
      place: at + 1, hash: item.dataset.hash, octets: Number(item.dataset.octets), signed: 'signed' in item.dataset,
    }));
    for (const input of [this.file, this.password]) {
      input.removeAttribute('name');
      input.addEventListener('input', () => this.#mark(input, ''));
    }
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      whileBusy(form, () => this.#sign()).catch((cause) => this.#complain(cause));
    });
  }

  /** A key that this browser has kept for one of the certificates is taken, unless a file is chosen. */
  async look() {
    if (!globalThis.crypto?.subtle) return;
    for (const der of this.certificates) {
      this.kept ??= await find(await idOf(readCertificate(der).publicKey));
    }
    const box = this.form.querySelector('[data-key-kept]');
    box.hidden = !this.kept;
    box.querySelector('[data-key-name]').textContent = this.kept?.name ?? '';
  }

  /* -- What is told -- */

  #say(name, number, all) {
    tell(this.form, (this.texts[name] ?? '').replace('%d', number).replace('%t', all));
    const bar = this.form.querySelector('[data-progress]');
    bar.hidden = !(all > 1);
    if (all > 1) Object.assign(bar, { max: all, value: number });
  }

  #mark(input, text) {
    const field = input.closest('.field');
    const line = field.querySelector('[data-error]');
    if (text) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
    field.classList.toggle('wrong', text !== '');
    line.hidden = text === '';
    line.querySelector('span').textContent = text;
  }

  #final(text) {
    const final = this.form.querySelector('[data-final]');
    final.textContent = text;
    final.hidden = text === '';
    if (text) final.focus();
  }

  #complain(cause) {
    this.#say('');
    let { message, field } = cause;
    if (cause instanceof DiffersError || cause instanceof DerError) message = this.texts.differs;
    else if (cause instanceof SignedOut) message = this.texts.signedOut;
    else if (cause instanceof Pkcs12Error) {
      message = this.texts[cause.reason] ?? this.texts.failed;
      field = FIELD_OF[cause.reason] ?? 'file';
    } else if (!(cause instanceof Refused)) message = this.texts.failed;
    if (!field) {
      this.#final(message);
      return;
    }
    const input = field === 'password' ? this.password : this.file;
    this.#mark(input, message);
    input.focus();
  }

  /* -- The certificate -- */

  async #octets() {
    const [file] = this.file.files;
    if (!file && this.kept) return new TextEncoder().encode(this.kept.file);
    if (!file) throw new Pkcs12Error('fileMissing');
    if (file.size > MAXIMUM) throw new Pkcs12Error('fileWrong');
    return new Uint8Array(await file.arrayBuffer());
  }

  async #open() {
    if (!globalThis.crypto?.subtle) throw new Pkcs12Error('noCrypto');
    const octets = await this.#octets();
    const password = this.password.value;
    this.#say('opening');
    try {
      return await openOwn(octets, password, this.certificates);
    } catch (cause) {
      throw cause.reason === 'passwordWrong' && password === '' ? new Pkcs12Error('passwordMissing') : cause;
    }
  }

  /* -- The server -- */

  async #post(address, fields) {
    const body = new URLSearchParams([['csrf', tokenOf(this.form)], ...fields]);
    const answer = await fetch(address, { method: 'POST', body, headers: { Accept: 'application/json' }, credentials: 'same-origin', redirect: 'error' });
    if (answer.status === 401) throw new SignedOut();
    const told = await answer.json();
    if (answer.status === 422 && 'message' in told) throw new Refused(told);
    if (!answer.ok) throw new Error(told.title ?? String(answer.status));
    return told;
  }

  async #fetchPrepared(place, size) {
    const answer = await fetch(this.form.dataset.prepared + place, { credentials: 'same-origin', redirect: 'error' });
    if (!answer.ok) throw new Error(String(answer.status));
    const file = new Uint8Array(await answer.arrayBuffer());
    if (file.length !== size) throw new DiffersError('the length');
    return file;
  }

  /* -- Signing -- */

  /** What is to be signed: of exactly the documents of the page that were not signed before, but those that cannot be. */
  #chosen(told, opened) {
    if (told.hash !== 'SHA-256' || told.algorithm !== ALGORITHMS[opened.algorithm]) throw new DiffersError('the algorithm');
    const wanted = this.shown.filter(({ signed }) => !signed).map(({ place }) => place);
    if (!equal(told.documents.map(({ place }) => place), wanted)) throw new DiffersError('the documents');
    return told.documents.filter(({ failure }) => failure === undefined);
  }

  async #look(document, opened) {
    const attributes = fromBase64Url(document.attributes);
    const digest = await readAttributes(attributes, opened.certificate);
    const file = await this.#fetchPrepared(document.place, document.size);
    await checkPrepared(file, { ...document, digest }, this.shown[document.place - 1]);
    return attributes;
  }

  /** All of them are looked at before the first is signed. */
  async #signatures(documents, opened) {
    const signed = [];
    const attributes = [];
    for (const [at, document] of documents.entries()) {
      this.#say('looking', at + 1, documents.length);
      attributes.push(await this.#look(document, opened));
    }
    for (const [at, { place }] of documents.entries()) {
      this.#say('signing', at + 1, documents.length);
      signed.push(['place', place], ['signature', toBase64Url(await opened.sign(attributes[at]))]);
    }
    return signed;
  }

  async #sign() {
    this.#final('');
    const opened = await this.#open();
    this.#say('preparing');
    const told = await this.#post(this.form.dataset.prepare, [['certificate', toBase64Url(opened.certificateDer)]]);
    if (told.next) return this.#leave(told.next);
    const signed = await this.#signatures(this.#chosen(told, opened), opened);
    this.#say('sending');
    const { next } = await this.#post(this.form.action, [['operation', told.operation], ...signed]);
    return this.#leave(next);
  }

  async #leave(next) {
    this.file.value = '';
    this.password.value = '';
    location.assign(next);
    await new Promise(() => {}); // the form stays busy until the next page is there
  }
}

export default function ownKey(form) {
  return new OwnKey(form).look();
}
