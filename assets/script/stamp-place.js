// SPDX-License-Identifier: EUPL-1.2
// Where a visible stamp goes: the box on the page (viewer.js, frame/place.js) and the form's fields say the same, whichever of
// them a person uses. Millimetres of the page as it is seen, from its upper left corner.

const POINT = 'punto';
const FREE = 'libre';
const MARGIN = 10; // of anchors, as the stamp's (include/refrenda/stamp.h)
const MILLIMETRE = 96 / 25.4; // pixels at 100 %
const COLUMNS = { izquierda: 0, derecha: 2 };
const ROWS = { arriba: 0, abajo: 2 };

/** "abajo-derecha" → where an anchor's box is on a page of this size. */
function anchorAt(name, page, { width, height }) {
  const words = name.split('-');
  const column = COLUMNS[words.find((word) => word in COLUMNS)] ?? 1;
  const row = ROWS[words.find((word) => word in ROWS)] ?? 1;
  const along = (whole, part, cell) => {
    const margin = part + 2 * MARGIN > whole ? 0 : MARGIN;
    return margin + (whole - 2 * margin - part) * cell / 2;
  };
  return { x: along(page.width, width, column), y: along(page.height, height, row) };
}

class StampPlace {
  constructor(form) {
    this.form = form;
    this.viewer = form.querySelector('.viewer');
    this.texts = form.querySelector('[data-place-texts]').dataset;
    const { stampWidth, stampHeight, stampPage, stampX, stampY } = this.viewer.dataset;
    this.size = { width: Number(stampWidth), height: Number(stampHeight) };
    this.first = { page: Number(stampPage), site: form.elements.sitio.value };
    if (stampX !== undefined) Object.assign(this.first, { x: Number(stampX), y: Number(stampY) });
    this.page = this.first.page;
    for (const name of ['pagina', 'sitio', 'x', 'y']) form.elements[name].addEventListener('input', () => this.changed(name));
    this.viewer.addEventListener('viewer-drawn', ({ detail }) => this.drawn(detail));
    this.viewer.addEventListener('viewer-placed', ({ detail }) => this.placed(detail));
  }

  /** A person moved the box, or went to another page. */
  placed({ page, x, y }) {
    const { elements } = this.form;
    if (!Number.isInteger(page)) return;
    this.page = page;
    elements.pagina.value = page;
    if (Number.isInteger(x) && Number.isInteger(y)) {
      elements.sitio.value = POINT;
      elements.x.value = x;
      elements.y.value = y;
      this.tell({ x, y });
    }
  }

  drawn({ page, pages, width, height }) {
    this.pages = pages;
    this.paper = { page, width: width / MILLIMETRE, height: height / MILLIMETRE };
    this.show();
  }

  changed(name) {
    const number = Number.parseInt(this.form.elements.pagina.value, 10);
    if (name === 'pagina') this.page = number >= 1 && number <= this.pages ? number : this.pages ?? this.first.page;
    if (name === 'x' || name === 'y') this.form.elements.sitio.value = POINT;
    this.show();
  }

  /** Where the fields say that it is; nothing: that is found out when it is signed. */
  at() {
    const { sitio, x, y } = this.form.elements;
    const same = sitio.value === this.first.site && this.page === this.first.page;
    if (sitio.value === POINT) {
      const at = { x: Number.parseInt(x.value, 10), y: Number.parseInt(y.value, 10) };
      return Number.isInteger(at.x) && Number.isInteger(at.y) ? at : {};
    }
    if (same && this.first.x !== undefined) return { x: this.first.x, y: this.first.y };
    if (sitio.value === FREE || sitio.value === '' || this.paper?.page !== this.page) return {};
    return anchorAt(sitio.value, this.paper, this.size);
  }

  show() {
    const at = this.at();
    this.viewer.dispatchEvent(new CustomEvent('viewer-place', { detail: { page: this.page, ...at } }));
    this.tell(at);
  }

  tell({ x, y }) {
    const state = this.form.querySelector('[data-place-state]');
    const text = x === undefined ? this.texts.free : this.texts.at;
    state.textContent = text.replace('%1', this.page).replace('%2', Math.round(x)).replace('%3', Math.round(y));
  }
}

export default function stampPlace(form) {
  if (form.querySelector('.viewer')) new StampPlace(form);
}
