// SPDX-License-Identifier: EUPL-1.2
// Runs inside of the sandboxed frame /visor, of an origin that is nobody's and without a network: draws what the page around
// it hands over, a PDF or a picture, page by page. Nothing of a file runs: no scripts, no forms, no links, no attachments.

import { GlobalWorkerOptions, getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import workerText from 'pdf-worker-text';
import { Placing } from './place.js';

const STEPS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4];
const FIT = 2; // which of them is as wide as there is room
const PIXELS_MAXIMUM = 16_000_000; // of a canvas: more, and phones draw nothing
const PICTURE_MAXIMUM = 64_000_000; // pixels of a picture within a PDF
const TURN = 90;

// Browsers draw no frame that is out of sight, and never call what waits for it to be drawn: pdf.js would stop half-way.
window.requestAnimationFrame = (work) => setTimeout(() => work(performance.now()), 0);
window.cancelAnimationFrame = (number) => clearTimeout(number);

const told = (message) => window.parent.postMessage(message, location.origin);

/** {pages, size(page, turned) → [width, height], draw(page, turned, scale, canvas) → {promise, cancel}} */
async function openPdf(octets) {
  const worker = new Worker(URL.createObjectURL(new Blob([workerText], { type: 'text/javascript' })));
  GlobalWorkerOptions.workerPort = worker;
  const pdf = await getDocument({
    data: octets, isEvalSupported: false, enableXfa: false, useWorkerFetch: false, disableAutoFetch: true, disableStream: true,
    maxImageSize: PICTURE_MAXIMUM, canvasMaxAreaInBytes: PIXELS_MAXIMUM * 4, stopAtErrors: false, verbosity: 0,
  }).promise;
  const viewport = async (number, turned, scale) => {
    const page = await pdf.getPage(number);
    const unit = page.userUnit > 0 ? page.userUnit : 1; // pages may be drawn in units of several points
    return [page, page.getViewport({ scale: scale * unit, rotation: (page.rotate + turned) % 360 })];
  };
  return {
    pages: pdf.numPages,
    async size(number, turned) {
      const [, { width, height }] = await viewport(number, turned, 96 / 72);
      return [width, height];
    },
    async draw(number, turned, scale, canvas) {
      const [page, view] = await viewport(number, turned, scale * 96 / 72);
      canvas.width = Math.max(1, Math.floor(view.width));
      canvas.height = Math.max(1, Math.floor(view.height));
      const task = page.render({ canvasContext: canvas.getContext('2d', { alpha: false }), viewport: view, annotationMode: 1 });
      return { promise: task.promise, cancel: () => task.cancel() };
    },
  };
}

async function openPicture(octets, type) {
  const picture = await createImageBitmap(new Blob([octets], { type }));
  const upright = (turned) => turned % 180 === 0;
  return {
    pages: 1,
    async size(_, turned) {
      return upright(turned) ? [picture.width, picture.height] : [picture.height, picture.width];
    },
    async draw(number, turned, scale, canvas) {
      const [width, height] = await this.size(number, turned);
      canvas.width = Math.max(1, Math.round(width * scale));
      canvas.height = Math.max(1, Math.round(height * scale));
      const pen = canvas.getContext('2d', { alpha: false });
      pen.fillStyle = '#fff';
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.translate(canvas.width / 2, canvas.height / 2);
      pen.rotate(turned * Math.PI / 180);
      pen.scale(scale, scale);
      pen.drawImage(picture, -picture.width / 2, -picture.height / 2);
      return { promise: Promise.resolve(), cancel: () => {} };
    },
  };
}

class Viewer {
  constructor(file, texts, stamp) {
    Object.assign(this, { file, texts, page: 1, step: FIT, turned: 0, drawing: null, wanted: 0, mayTurn: !stamp });
    this.build();
    if (stamp) this.placeStamp(stamp);
    new ResizeObserver(() => this.redraw()).observe(this.paper);
    document.addEventListener('keydown', (event) => this.key(event));
  }

  group() {
    this.place = document.createElement('div');
    this.bar.append(this.place);
  }

  button(sign, text, work) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = sign;
    button.title = text;
    button.setAttribute('aria-label', text);
    button.addEventListener('click', work);
    this.place.append(button);
    return button;
  }

  build() {
    const { texts } = this;
    this.bar = document.createElement('div');
    this.bar.className = 'bar';
    this.bar.setAttribute('role', 'toolbar');
    this.bar.setAttribute('aria-label', texts.title);
    this.group();
    this.previous = this.button('‹', texts.previous, () => this.go(this.page - 1));
    this.where = document.createElement('span');
    this.where.setAttribute('role', 'status');
    this.place.append(this.where);
    this.next = this.button('›', texts.next, () => this.go(this.page + 1));
    if (this.file.pages === 1) this.place.hidden = true;
    this.group();
    this.smaller = this.button('−', texts.smaller, () => this.zoom(this.step - 1));
    this.scale = document.createElement('output');
    this.place.append(this.scale);
    this.larger = this.button('+', texts.larger, () => this.zoom(this.step + 1));
    if (this.mayTurn) this.button('↻', texts.turn, () => this.turn());
    this.paper = document.createElement('main');
    this.paper.tabIndex = 0;
    this.paper.setAttribute('aria-label', texts.title);
    this.canvas = document.createElement('canvas');
    this.canvas.setAttribute('role', 'img');
    this.sheet = document.createElement('div');
    this.sheet.className = 'sheet';
    this.sheet.append(this.canvas);
    this.paper.append(this.sheet);
    document.body.append(this.bar, this.paper);
  }

  /** A stamp's box on the page; the page around is told where a person puts it. */
  placeStamp(stamp) {
    this.page = this.within(stamp.page);
    this.placing = new Placing(this.sheet, stamp, (at) => this.placed(at));
  }

  placed(at) {
    told({ viewer: 'placed', page: this.page, ...at });
  }

  /** As the page around says. */
  showStamp({ page, x, y }) {
    this.placing?.put({ x, y });
    if (!this.placing || this.within(page) === this.page) return;
    this.page = this.within(page);
    this.redraw();
  }

  within(page) {
    return Math.min(Math.max(Number.isInteger(page) ? page : 1, 1), this.file.pages);
  }

  /** Keys for who has no mouse; what scrolls goes on scrolling. */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const keys = {
      PageDown: () => this.go(this.page + 1), PageUp: () => this.go(this.page - 1),
      n: () => this.go(this.page + 1), p: () => this.go(this.page - 1),
      Home: () => this.go(1), End: () => this.go(this.file.pages),
      '+': () => this.zoom(this.step + 1), '-': () => this.zoom(this.step - 1), 0: () => this.zoom(FIT), r: () => this.turn(),
    };
    const work = keys[event.key];
    if (!work) return;
    event.preventDefault();
    work();
  }

  go(page) {
    const to = this.within(page);
    if (to === this.page) return;
    this.page = to;
    this.paper.scrollTo(0, 0);
    this.redraw();
    if (this.placing) this.placed({});
  }

  zoom(step) {
    this.step = Math.min(Math.max(step, 0), STEPS.length - 1);
    this.redraw();
  }

  turn() {
    if (!this.mayTurn) return;
    this.turned = (this.turned + TURN) % 360;
    this.redraw();
  }

  redraw() {
    this.draw().catch(failed);
  }

  /** Draws what is wanted now; of several wishes, the last one. */
  async draw() {
    const wish = ++this.wanted;
    this.show();
    const [width, height] = await this.file.size(this.page, this.turned);
    if (wish !== this.wanted) return;
    const room = Math.max(this.paper.clientWidth - 16, 100);
    const zoom = Math.min(room / width, 3) * STEPS[this.step];
    const density = Math.min(window.devicePixelRatio || 1, Math.sqrt(PIXELS_MAXIMUM / (width * height)) / zoom);
    const canvas = this.canvas.cloneNode(false);
    this.drawing?.cancel();
    this.drawing = await this.file.draw(this.page, this.turned, zoom * density, canvas);
    try {
      await this.drawing.promise;
    } catch (error) {
      if (error?.name !== 'RenderingCancelledException') throw error;
      return;
    }
    if (wish !== this.wanted) return;
    canvas.style.width = `${Math.round(width * zoom)}px`;
    canvas.style.height = `${Math.round(height * zoom)}px`;
    this.canvas.replaceWith(canvas);
    this.canvas = canvas;
    this.placing?.drawn(width, height, Math.round(width * zoom));
    this.drawn(width, height);
  }

  show() {
    const { file, page, texts } = this;
    this.where.textContent = (texts.page ?? '').replace('%1', page).replace('%2', file.pages);
    this.scale.textContent = `${Math.round(STEPS[this.step] * 100)} %`;
    this.previous.disabled = page === 1;
    this.next.disabled = page === file.pages;
    this.smaller.disabled = this.step === 0;
    this.larger.disabled = this.step === STEPS.length - 1;
  }

  drawn(width, height) {
    const { page, texts } = this;
    this.canvas.setAttribute('aria-label', `${texts.title} ${this.where.textContent}`);
    told({ viewer: 'drawn', page, pages: this.file.pages, width, height });
  }
}

let viewer;
async function show({ octets, type, texts, language, stamp }) {
  document.documentElement.lang = language ?? '';
  document.title = texts.title ?? '';
  const file = type === 'application/pdf' ? await openPdf(octets) : await openPicture(octets, type);
  viewer = new Viewer(file, texts, stamp);
  await viewer.draw();
}

function failed() {
  document.body.replaceChildren();
  told({ viewer: 'failed' });
}

let given = false;
window.addEventListener('message', ({ source, origin, data }) => {
  if (source !== window.parent || origin !== location.origin) return;
  if (data?.viewer === 'place') viewer?.showStamp(data);
  if (data?.viewer !== 'show' || given) return;
  given = true;
  show(data).catch(failed);
});
if (window.parent !== window) told({ viewer: 'ready' });
