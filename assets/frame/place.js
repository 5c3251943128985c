// SPDX-License-Identifier: EUPL-1.2
// The box of a visible stamp on the page that the viewer shows: put there by a click or a tap, dragged, or moved with the arrow
// keys. It is measured in whole millimetres of the page as it is seen, from its upper left corner; the page around the frame is told.

const MILLIMETRE = 96 / 25.4; // pixels at 100 %
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FAR = 5; // millimetres of a key; with shift one

const between = (value, most) => Math.round(Math.min(Math.max(value, 0), Math.max(Math.floor(most), 0)));

export class Placing {
  /** `wanted`: {width, height, page, x, y, label}, without x and y: nowhere yet. `tell({x, y})` is called for what a person does. */
  constructor(sheet, wanted, tell) {
    Object.assign(this, { sheet, tell, width: wanted.width, height: wanted.height, at: null });
    this.box = document.createElement('button');
    this.box.type = 'button';
    this.box.className = 'stamp';
    this.box.hidden = true;
    this.box.setAttribute('aria-label', wanted.label);
    this.sheet.append(this.box);
    this.sheet.classList.add('placing');
    this.sheet.addEventListener('click', (event) => this.click(event));
    this.box.addEventListener('keydown', (event) => this.key(event));
    this.box.addEventListener('pointerdown', (event) => this.take(event));
    this.box.addEventListener('pointermove', (event) => this.drag(event));
    for (const end of ['pointerup', 'pointercancel']) this.box.addEventListener(end, () => this.drop());
    this.put(wanted);
  }

  /** A page of this many pixels at 100 % is drawn this many wide. */
  drawn(width, height, shown) {
    this.page = { width: width / MILLIMETRE, height: height / MILLIMETRE };
    this.scale = shown / this.page.width;
    this.draw();
  }

  put({ x, y }) {
    this.at = Number.isFinite(x) && Number.isFinite(y) ? { x, y } : null;
    this.draw();
  }

  draw() {
    this.box.hidden = !this.at || !this.page;
    if (this.box.hidden) return;
    const { style } = this.box;
    style.left = `${this.at.x * this.scale}px`;
    style.top = `${this.at.y * this.scale}px`;
    style.width = `${this.width * this.scale}px`;
    style.height = `${this.height * this.scale}px`;
  }

  move(x, y) {
    if (!this.page) return;
    this.at = { x: between(x, this.page.width - this.width), y: between(y, this.page.height - this.height) };
    this.draw();
    this.tell(this.at);
  }

  /** Its middle comes where the page was touched. */
  click(event) {
    if (event.target === this.box || !this.page) return;
    const { left, top } = this.sheet.getBoundingClientRect();
    this.move((event.clientX - left) / this.scale - this.width / 2, (event.clientY - top) / this.scale - this.height / 2);
    this.box.focus({ preventScroll: true });
  }

  key(event) {
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const far = event.shiftKey ? 1 : FAR;
    this.move(this.at.x + far * step[0], this.at.y + far * step[1]);
    this.box.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  take(event) {
    if (event.button !== 0) return;
    this.box.setPointerCapture(event.pointerId);
    this.held = { x: this.at.x - event.clientX / this.scale, y: this.at.y - event.clientY / this.scale };
  }

  drag(event) {
    if (this.held) this.move(this.held.x + event.clientX / this.scale, this.held.y + event.clientY / this.scale);
  }

  drop() {
    this.held = null;
  }
}
