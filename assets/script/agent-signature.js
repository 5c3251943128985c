// SPDX-License-Identifier: EUPL-1.2
// What a certifying agent signs: approvals of certificates and revocations. The text that the page shows is what is signed, letter
// by letter, and only when it is an approval, or a revocation, of what the page says that it is about: whatever a server may
// send, nothing else (no log-in, no document) ever gets this signature. The key is the one that was kept since signing in; where
// there is none, its file is asked for.

import { CertificateForm } from './certificate-form.js';
import { cmsSign } from './cms-sign.js';
import { toBase64 } from './encoding.js';
import { keepFor, keptKey } from './kept-key.js';
import { whileBusy } from './page.js';
import { Pkcs12Error } from './pkcs12.js';

const KINDS = {
  approval: { first: 'Refrenda approval 1', line: 'request: ', fits: (value, name) => value.startsWith(`${name}-`) && /^-\d+-\d+$/.test(value.slice(name.length)) },
  revocation: { first: 'Refrenda revocation 1', line: 'serial: ', fits: (value, name) => value.toUpperCase() === name.toUpperCase() },
};

/** Whether the text is of this kind, in its exact form (lines, each once), and about `name`. */
export function isAbout(kind, text, name) {
  const rule = Object.hasOwn(KINDS, kind) ? KINDS[kind] : null;
  if (!rule || !name || !text.endsWith('\n') || text.includes('\r')) return false;
  const [first, ...lines] = text.split('\n');
  const values = lines.filter((line) => line.startsWith(rule.line)).map((line) => line.slice(rule.line.length));
  return first === rule.first && values.length === 1 && rule.fits(values[0], name);
}

/** [{field, text}]: what the page shows, checked. */
function textsOf(form) {
  return [...form.querySelectorAll('[data-signs]')].map((part) => {
    const text = part.querySelector('[data-signed-text]').textContent;
    const name = part.querySelector('[data-named]').textContent.trim();
    if (!isAbout(form.dataset.kind, text, name)) throw new Pkcs12Error('textWrong');
    return { field: part.querySelector(`input[name="${part.dataset.signs}"]`), text };
  });
}

function isAttached(form) {
  return [...form.querySelectorAll('input[type="file"][name]')].some((input) => input.files.length > 0);
}

class AgentSignature {
  constructor(form) {
    this.form = form;
    this.page = new CertificateForm(form);
    this.tag = document.body.dataset.keyTag;
    this.own = document.querySelector('[data-agent-serial]')?.dataset.agentSerial;
    form.addEventListener('submit', (event) => this.submitted(event));
  }

  /** The kept key, unless the page says that this session was signed in with another certificate. */
  async #find() {
    const opened = await keptKey(this.tag);
    return opened && (!this.own || this.#isOwn(opened)) ? opened : null;
  }

  #isOwn(opened) {
    return opened.serial === this.own?.toLowerCase();
  }

  async prepare() {
    const opened = await this.#find();
    const kept = this.form.querySelector('[data-kept]');
    if (opened) kept.querySelector('[data-kept-name]').textContent = opened.certificate.name;
    kept.hidden = !opened;
    this.form.querySelector('[data-file-inputs]').hidden = Boolean(opened);
    const elsewhere = this.form.querySelector('.signature-elsewhere'); // without script it is the only way
    if (elsewhere && !elsewhere.querySelector('.error')) elsewhere.open = false;
  }

  async #open() {
    const opened = await this.#find();
    if (opened) return opened;
    const fresh = await this.page.open();
    if (this.tag && this.#isOwn(fresh)) await keepFor(fresh, this.tag);
    return fresh;
  }

  async #sign(texts) {
    const opened = await this.#open();
    this.page.say('signing');
    for (const { field, text } of texts) field.value = toBase64(await cmsSign(opened, text));
    this.page.forget();
    this.page.say('sending');
  }

  submitted(event) {
    const by = event.submitter;
    if (this.signed || by?.hasAttribute('data-unsigned') || isAttached(this.form)) return;
    event.preventDefault();
    whileBusy(this.form, async () => this.#sign(textsOf(this.form)))
      .then(() => {
        this.signed = true;
        this.form.requestSubmit(by);
      })
      .catch((cause) => this.#complain(cause));
  }

  /** Whatever was kept is of no use: then the file is asked for. */
  async #complain(cause) {
    await this.prepare();
    this.page.complain(cause);
  }
}

export default function agentSignature(form) {
  return new AgentSignature(form).prepare();
}
