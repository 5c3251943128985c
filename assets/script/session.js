// SPDX-License-Identifier: EUPL-1.2
// Tells a minute before the session ends, and offers to go on (WCAG 2.1 §2.2.1). Other windows of the same browser hear of it:
// who works in one is not disturbed in another.

import { forgetKey } from './kept-key.js';
import { post, tokenOf } from './page.js';

const SECOND = 1000;

class Session {
  constructor(dialog) {
    const { session, warning } = document.body.dataset;
    this.dialog = dialog;
    this.warning = Number(warning || 60) * SECOND;
    this.count = dialog.querySelector('[data-count]');
    this.button = dialog.querySelector('[data-extend-button]');
    this.again = dialog.querySelector('[data-again]');
    this.others = 'BroadcastChannel' in globalThis ? new BroadcastChannel('refrenda-session') : null;
    this.others?.addEventListener('message', ({ data }) => this.endsAt(data.end));
    this.button.addEventListener('click', () => this.extend());
    dialog.addEventListener('cancel', (event) => this.cancel(event));
    this.lasts(Number(session));
  }

  /** From now, in seconds; the other windows are told. */
  lasts(seconds) {
    if (!(seconds > 0)) return;
    this.endsAt(Date.now() + seconds * SECOND);
    this.others?.postMessage({ end: this.end });
  }

  endsAt(end) {
    if (this.over || end <= (this.end ?? 0)) return;
    this.end = end;
    if (this.dialog.open) this.dialog.close();
    clearTimeout(this.timer);
    this.tick();
  }

  /** Timers of a sleeping machine are late: the clock decides, at every step. */
  tick() {
    const left = this.end - Date.now();
    if (left <= 0) {
      this.finish();
      return;
    }
    if (left <= this.warning) this.warn(Math.ceil(left / SECOND));
    this.timer = setTimeout(() => this.tick(), left <= this.warning ? SECOND : Math.min(left - this.warning, 30 * SECOND));
  }

  warn(seconds) {
    this.count.textContent = this.dialog.dataset.left.replace('%d', seconds);
    if (!this.dialog.open && !this.closed) this.dialog.showModal();
  }

  /** Escape: whoever only wants to finish reading is not asked again, until the end. */
  cancel(event) {
    if (this.over) event.preventDefault();
    this.closed = true;
  }

  async extend() {
    this.button.disabled = true;
    try {
      const { seconds } = await post(this.dialog.dataset.extend, { csrf: tokenOf(this.dialog) });
      this.lasts(seconds);
    } catch {
      this.finish();
    } finally {
      this.button.disabled = false;
    }
  }

  finish() {
    this.over = true;
    clearTimeout(this.timer);
    forgetKey();
    this.count.textContent = this.dialog.dataset.ended;
    this.button.hidden = true;
    if (this.again) this.again.hidden = false;
    if (!this.dialog.open) this.dialog.showModal();
    this.again?.focus();
  }
}

export default function session(dialog) {
  new Session(dialog);
}
