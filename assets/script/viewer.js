// SPDX-License-Identifier: EUPL-1.2
// Shows a PDF or a picture inside of a sandboxed frame (/visor, assets/frame/viewer.js): this page, which the person is
// signed in to, fetches the file and hands it over; the frame can neither reach the network nor this page. What the frame
// says is only believed of a frame that is ours, and is never more than numbers.

import { tell, textsOf } from './page.js';

const PATIENCE = 60_000;
const TYPES = new Set(['application/pdf', 'image/jpeg', 'image/png']);

async function fetchFile(address) {
  const answer = await fetch(address, { credentials: 'same-origin', redirect: 'error' });
  const type = (answer.headers.get('Content-Type') ?? '').split(';')[0];
  if (!answer.ok || !TYPES.has(type)) throw new Error(`${answer.status} ${type}`);
  return { octets: await answer.arrayBuffer(), type };
}

function makeFrame(element, title) {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', 'allow-scripts');
  frame.referrerPolicy = 'no-referrer';
  frame.title = title;
  frame.src = element.dataset.frame || '/visor';
  return frame;
}

/** The box of a visible stamp, where the page has one (stamp-place.js): millimetres. */
function stampOf({ stampWidth, stampHeight, stampPage, stampX, stampY }, label) {
  if (!stampWidth) return undefined;
  const at = stampX === undefined ? {} : { x: Number(stampX), y: Number(stampY) };
  return { width: Number(stampWidth), height: Number(stampHeight), page: Number(stampPage), label, ...at };
}

class Shown {
  constructor(element) {
    this.element = element;
    element.addEventListener('viewer-place', ({ detail }) => this.frame.contentWindow?.postMessage({ viewer: 'place', ...detail }, '*'));
    this.texts = { ...textsOf(element), title: element.dataset.title ?? '' };
    this.frame = makeFrame(element, this.texts.title);
    this.hear = (event) => this.said(event);
    window.addEventListener('message', this.hear);
    tell(element, this.texts.loading);
    this.file = fetchFile(element.dataset.src);
    this.file.catch(() => this.failed());
    this.timer = setTimeout(() => this.failed(), PATIENCE);
    element.classList.replace('waits', 'shows');
    element.prepend(this.frame);
  }

  said({ source, origin, data }) {
    if (source !== this.frame.contentWindow || origin !== 'null') return;
    if (data?.viewer === 'ready') this.give();
    if (data?.viewer === 'failed') this.failed();
    if (data?.viewer === 'drawn') this.drawn(data);
    if (data?.viewer === 'placed') this.placed(data);
  }

  /** Once: a frame that were to load anything else gets nothing. */
  async give() {
    if (this.given) return;
    this.given = true;
    const { octets, type } = await this.file.catch(() => ({}));
    if (!octets) return;
    const { loading, failed, ...texts } = this.texts;
    const language = document.documentElement.lang;
    const stamp = stampOf(this.element.dataset, texts.stamp);
    this.frame.contentWindow.postMessage({ viewer: 'show', octets, type, texts: { ...texts }, language, stamp }, '*', [octets]);
  }

  drawn({ page, pages, width, height }) {
    clearTimeout(this.timer);
    tell(this.element, '');
    const detail = { page: Number(page), pages: Number(pages), width: Number(width), height: Number(height) };
    Object.assign(this.element.dataset, { page: detail.page, pages: detail.pages });
    this.element.dispatchEvent(new CustomEvent('viewer-drawn', { detail, bubbles: true }));
  }

  placed({ page, x, y }) {
    const at = x === undefined ? {} : { x: Number(x), y: Number(y) };
    this.element.dispatchEvent(new CustomEvent('viewer-placed', { detail: { page: Number(page), ...at }, bubbles: true }));
  }

  failed() {
    clearTimeout(this.timer);
    window.removeEventListener('message', this.hear);
    this.frame.remove();
    this.element.classList.remove('shows');
    tell(this.element, this.texts.failed, true);
  }
}

/** When it comes into sight: a page may have many. Until then its place is kept. */
export default function viewer(element) {
  element.classList.add('waits');
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    new Shown(element);
  }, { rootMargin: '300px' });
  watch.observe(element);
}
