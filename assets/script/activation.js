// SPDX-License-Identifier: EUPL-1.2
// Password and code for a key that the personal keeper holds (spec 4.2). What is shown is read from the very text that password
// and code are bound to; both are encrypted here for that text alone, to the one process that may read them, and leave this
// page in no other way: their inputs have no name.

import { find, forget, ownPoint } from './app-key.js';
import { fromBase64Url, toBase64Url } from './encoding.js';
import { open, pointOfKey, seal } from './hpke.js';
import { activationInfo, readOperation } from './operation-text.js';
import { tell, textsOf, tokenOf, whileBusy } from './page.js';
import { judge } from './password-strength.js';
import { drawQr } from './qr.js';

const LOOK = 3000; // between two questions whether the code has left
const SHORT = 8; // digits of a hash that are shown at each end
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

class Wrong extends Error {
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

function make(name, text = '', className = '') {
  const element = document.createElement(name);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

/** "4:05". */
function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function toBase32(octets) {
  const bits = Array.from(octets, (octet) => octet.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
}

/* ---- What is authorised ---- */

function documentItem({ title, shown }, texts) {
  const item = make('li');
  const whole = make('details');
  const short = `${shown.slice(0, SHORT)}…${shown.slice(-SHORT)}`;
  whole.append(make('summary', texts.hash), make('code', shown, 'hash'));
  const line = make('p', 'SHA-256 ', 'meta');
  line.append(make('code', short));
  item.append(make('strong', title), line, whole);
  return item;
}

function showOperation(box, operation, texts) {
  const facts = box.querySelector('[data-facts]');
  const list = box.querySelector('[data-documents]');
  const kind = operation.kind === 'mobile' ? texts.mobileChanged : texts[operation.kind];
  const rows = [[texts.kind, (kind ?? '').replace('%d', operation.documents.length)], [texts.portal, operation.portal], [texts.mobile, operation.mobile]];
  for (const [label, text] of rows) {
    if (!text) continue;
    const row = make('div');
    row.append(make('dt', label), make('dd', text));
    facts.append(row);
  }
  for (const one of operation.documents) list.append(documentItem(one, texts));
  list.hidden = operation.documents.length === 0;
  box.hidden = false;
}

/** How far a code is, of what the server answered; no other code was sent where it is `refused`. What answers in its stead, such as
 * a limit on the way, has nothing of the kind. */
export async function progressOf(answer) {
  if (!answer.ok && answer.status !== 429) throw new Error(String(answer.status));
  const told = await answer.json();
  if (!Number.isFinite(told.seconds) || !Number.isFinite(told.again)) throw new Error(String(answer.status));
  return { ...told, refused: answer.status === 429 };
}

/* ---- The form ---- */

class Activation {
  constructor(form) {
    this.form = form;
    this.texts = textsOf(form);
    this.again = Number(form.dataset.again);
    this.ends = Date.now() + 1000 * Number(form.dataset.seconds);
    this.mayAgain = Date.now() + 1000 * this.again;
    this.repeat = form.querySelector('[data-repeat]');
    this.inputs = [...form.querySelectorAll('[data-proof]')];
    for (const input of [...this.inputs, this.repeat]) input?.addEventListener('input', () => this.#mark(input, ''));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (!this.ended) whileBusy(form, () => this.#send()).catch((cause) => this.#complain(cause));
      else form.querySelector('[data-final]').focus();
    });
    form.querySelector('[data-send-again]')?.addEventListener('click', () => this.#sendAgain());
  }

  async start() {
    if (!globalThis.crypto?.subtle) {
      this.#end(this.texts.noCrypto);
      return;
    }
    try {
      const { text, nonce, point } = this.form.dataset;
      this.octets = fromBase64Url(text);
      this.operation = readOperation(this.octets);
      const own = this.operation.kind === 'totp' ? await ownPoint() : undefined;
      this.info = await activationInfo(this.octets, this.operation, fromBase64Url(nonce), own);
      this.point = await pointOfKey(fromBase64Url(point));
      showOperation(this.form.querySelector('[data-agreed]'), this.operation, this.texts);
      if (this.form.dataset.sealed) await this.#showSecret();
    } catch {
      this.#end(this.texts.wrongText);
      return;
    }
    this.#tick();
    if (this.form.querySelector('[data-send-again]')) this.#look();
  }

  /** Of an authenticator app: it was encrypted to a key that only this browser has. */
  async #showSecret() {
    const { encapsulated, sealed, issuer, label } = this.form.dataset;
    const message = { encapsulated: fromBase64Url(encapsulated), sealed: fromBase64Url(sealed) };
    const secret = await open(await find(), this.info, message);
    const text = toBase32(secret);
    secret.fill(0);
    const who = `${encodeURIComponent(issuer)}:${encodeURIComponent(label)}`;
    const address = `otpauth://totp/${who}?secret=${text}&issuer=${encodeURIComponent(issuer)}`;
    this.form.querySelector('[data-qr]').append(drawQr(address));
    this.form.querySelector('[data-secret]').textContent = text.replaceAll(/.{4}(?=.)/g, '$& ');
  }

  /* -- Time -- */

  #tick() {
    if (this.ended) return;
    const left = Math.ceil((this.ends - Date.now()) / 1000);
    const wait = Math.ceil((this.mayAgain - Date.now()) / 1000);
    const button = this.form.querySelector('[data-send-again]');
    this.form.querySelector('[data-left]').textContent = left > 0 ? `(${this.texts.left.replace('%s', clock(left))})` : '';
    if (button) {
      button.disabled = wait > 0 || this.limit;
      this.form.querySelector('[data-wait]').textContent = wait > 0 ? this.texts.wait.replace('%d', wait) : '';
    }
    if (left <= 0) this.#end(this.texts.over);
    else setTimeout(() => this.#tick(), 500);
  }

  /** Nothing can be sent any more. */
  #end(text) {
    this.ended = true;
    const final = this.form.querySelector('[data-final]');
    const again = this.form.querySelector('[data-begin-again]');
    final.textContent = text;
    final.hidden = false;
    if (again) again.hidden = false;
    this.form.querySelector('button[type="submit"]').hidden = true;
    this.form.querySelector('.code-state').hidden = true;
    for (const field of this.form.querySelectorAll('.field')) field.hidden = true;
    this.#clear();
    tell(this.form, '');
  }

  /* -- The code on its way -- */

  #tellDelivery({ delivery, seconds, again, ended }, said = '') {
    const texts = { queued: this.texts.queued, sent: this.texts.sent, failed: this.texts.notSent };
    this.form.querySelector('[data-delivery]').textContent = [said, texts[delivery]].filter(Boolean).join(' ');
    this.ends = Date.now() + 1000 * seconds;
    this.mayAgain = Date.now() + 1000 * again;
    if (ended) this.#end(this.texts.over);
  }

  async #ask(fields) {
    const options = { headers: { Accept: 'application/json' }, credentials: 'same-origin', redirect: 'error' };
    if (fields) Object.assign(options, { method: 'POST', body: new URLSearchParams(fields) });
    const answer = await fetch(this.form.dataset.progress, options);
    return progressOf(answer);
  }

  async #look() {
    if (this.ended) return;
    const progress = document.hidden ? null : await this.#ask().catch(() => null);
    if (progress) this.#tellDelivery(progress);
    if (progress?.delivery !== 'sent') setTimeout(() => this.#look(), LOOK);
  }

  async #sendAgain() {
    const button = this.form.querySelector('[data-send-again]');
    button.disabled = true;
    this.mayAgain = Date.now() + 1000 * Math.max(this.again, 1);
    try {
      const progress = await this.#ask({ csrf: tokenOf(this.form) });
      this.limit = progress.refused && progress.again === 0;
      this.#tellDelivery(progress, progress.refused ? this.texts.noMore : this.texts.again);
      if (progress.delivery !== 'sent') setTimeout(() => this.#look(), LOOK);
    } catch {
      tell(this.form, this.texts.failed, true);
    }
  }

  /* -- Password and code -- */

  #mark(input, text) {
    const line = input.closest('.field')?.querySelector('[data-error]');
    if (text) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
    input.closest('.field')?.classList.toggle('wrong', text !== '');
    if (!line) return;
    line.hidden = text === '';
    line.querySelector('span').textContent = text;
  }

  #clear() {
    for (const input of [...this.inputs, this.repeat]) if (input) input.value = '';
    this.repeat?.dispatchEvent(new Event('input'));
    for (const input of this.inputs) input.dispatchEvent(new Event('input'));
  }

  #typed() {
    const proofs = {};
    for (const input of this.inputs) {
      const { proof } = input.dataset;
      const isCode = proof === 'code' || proof === 'secondCode';
      const text = isCode ? input.value.replaceAll(/\s/g, '') : input.value.normalize('NFC');
      if (isCode && !/^\d{6,8}$/.test(text)) throw new Wrong(proof, this.texts.missingCode);
      if (text === '') throw new Wrong(proof, this.texts.missingPassword);
      if (proof === 'newPassword' && judge(text, input.dataset.own).level === 0) throw new Wrong(proof, this.texts.weak);
      proofs[proof] = text;
    }
    if (this.repeat && this.repeat.value.normalize('NFC') !== proofs.newPassword) throw new Wrong('repeat', this.texts.different);
    return proofs;
  }

  async #send() {
    const plain = new TextEncoder().encode(JSON.stringify(this.#typed()));
    tell(this.form, this.texts.working);
    let sealed;
    try {
      sealed = await seal(this.point, this.info, plain);
    } finally {
      plain.fill(0);
    }
    this.#clear();
    const body = new URLSearchParams({
      csrf: tokenOf(this.form),
      operation: this.form.dataset.operation,
      encapsulated: toBase64Url(sealed.encapsulated),
      sealed: toBase64Url(sealed.sealed),
    });
    const answer = await fetch(this.form.action, { method: 'POST', body, headers: { Accept: 'application/json' }, credentials: 'same-origin', redirect: 'error' });
    await this.#hear(answer.status, await answer.json());
  }

  async #hear(status, told) {
    if (told.next) {
      if (this.form.dataset.sealed) await forget();
      location.assign(told.next);
      await new Promise(() => {}); // the form stays busy until the next page is there
    }
    tell(this.form, '');
    if (status === 401) this.#end(this.texts.signedOut);
    else if (status === 422 && told.ended) this.#end(told.message);
    else if (status === 422) throw new Wrong(told.field, told.message);
    else throw new Error(told.title ?? this.texts.failed);
  }

  #complain(cause) {
    const input = cause instanceof Wrong ? this.#inputOf(cause.field) : null;
    if (!input) {
      tell(this.form, cause instanceof TypeError ? this.texts.failed : cause.message || this.texts.failed, true);
      return;
    }
    tell(this.form, '');
    this.#mark(input, cause.message);
    input.focus();
  }

  #inputOf(field) {
    return field === 'repeat' ? this.repeat : this.inputs.find((input) => input.dataset.proof === field);
  }
}

export default function activation(form) {
  new Activation(form).start();
}
