// SPDX-License-Identifier: EUPL-1.2
// PDFs and pictures seen in the page, inside of a sandboxed frame: by the module alone with files of every kind, hostile ones
// too, and on the agent's desk.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { atEnd, look, openPage, ready, runAll, tabTo, test, withPage } from './harness.mjs';
import { asSomebody, send } from './people.mjs';
import { startPlatform, until } from './platform.mjs';
import { serve } from './small_server.mjs';

// As src/web/viewer has it; the platform's own is tested below.
const FRAME_POLICY = "sandbox allow-scripts; default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src blob: data:; font-src data:; worker-src blob:; connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
const FRAME = '<!DOCTYPE html><html><head><meta charset="utf-8"><title>Refrenda</title><link rel="stylesheet" href="/a/frame/viewer.css"><script src="/a/frame/viewer.js" defer></script></head><body></body></html>';
const TEXTS = 'data-loading="Se abre" data-failed="No se puede mostrar" data-page="%1 de %2" data-previous="Anterior" data-next="Siguiente" data-smaller="Menos" data-larger="Más" data-turn="Girar"';

/** A PDF of these objects, numbered from 1. */
function pdf(objects, trailer = '/Root 1 0 R') {
  let text = '%PDF-1.7\n';
  const offsets = objects.map((object, at) => {
    const offset = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const start = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join('')}trailer\n<</Size ${objects.length + 1} ${trailer}>>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}

const stream = (text) => `<</Length ${text.length}>>\nstream\n${text}\nendstream`;
const pageOf = (more, box = '0 0 300 200') => `<</Type/Page/Parent 2 0 R/MediaBox[${box}]${more}>>`;

const files = {
  plain: pdf([
    '<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R]/Count 3>>', pageOf('/Contents 6 0 R'), pageOf('/Contents 7 0 R', '0 0 200 300'),
    pageOf('/Contents 6 0 R/Rotate 90'), stream('1 0 0 rg 0 0 300 200 re f'), stream('0 0 1 rg 0 0 300 300 re f'),
  ]),
  broken: Buffer.from('%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\nnothing more'),
  garbage: Buffer.from('this is no PDF at all'),
  circle: pdf(['<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Kids[2 0 R]/Count 1>>']),
  large: pdf(['<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Kids[3 0 R]/Count 1>>', pageOf('/Contents 4 0 R', '0 0 1000000 1000000'), stream('0 1 0 rg 0 0 1000000 1000000 re f')]),
};

/** Scripts wherever there may be some, links over the whole page, a form that sends itself, another file, a program. */
function hostile(url) {
  const script = `<</S/JavaScript/JS(app.alert\\(1\\); app.launchURL\\('${url}/stolen?script'\\); this.submitForm\\('${url}/stolen?form'\\);)>>`;
  const link = (action) => `<</Type/Annot/Subtype/Link/Rect[0 0 300 200]/A ${action}>>`;
  return pdf([
    `<</Type/Catalog/Pages 2 0 R/OpenAction ${script}/AA<</WC ${script}/DS ${script}>>/Names<</JavaScript<</Names[(a) ${script}]>>>>/AcroForm<</Fields[9 0 R]/NeedAppearances true/XFA(<xdp/>)>>>>`,
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    `<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/AA<</O ${script}>>/Annots[5 0 R 6 0 R 7 0 R 8 0 R 9 0 R]/Resources<</Font<</F 10 0 R>>>>>>`,
    stream('0 1 0 rg 0 0 300 200 re f BT /F 20 Tf 10 10 Td (texto) Tj ET'),
    link(`<</S/URI/URI(${url}/stolen?link)>>`), link(`<</S/URI/URI(javascript:fetch\\('${url}/stolen?address'\\))>>`),
    link('<</S/Launch/F(/bin/sh)>>'), link(`<</S/GoToR/F(${url}/stolen?file.pdf)/D[0/Fit]>>`),
    `<</Type/Annot/Subtype/Widget/FT/Tx/T(campo)/V(x)/Rect[0 0 300 200]/AA<</K ${script}/F ${script}/Fo ${script}>>>>`,
    `<</Type/Font/Subtype/Type1/BaseFont/Helvetica/FontMatrix[1 2 3 4 5 (1\\); fetch\\('${url}/stolen?font'\\); //)]>>`,
  ]);
}

const shown = (name, type = 'application/pdf') => `<!DOCTYPE html><html lang="es"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Documento</title><link rel="stylesheet" href="/a/style.css"><script type="module" src="/a/main.js"></script></head><body><main><h1>Documento</h1>
<div class="viewer" data-module="viewer" data-src="/archivo/${name}" data-title="DNI, anverso"><p data-state role="status" hidden></p><p><a href="/archivo/${name}">Guardar el archivo</a></p><template data-texts ${TEXTS}></template></div></main></body></html>`;

const answers = {
  'GET /favicon.ico': () => '',
  'GET /visor': () => ({ octets: FRAME, type: 'text/html; charset=utf-8', headers: { 'Content-Security-Policy': FRAME_POLICY } }),
  'GET /sin': () => '<!DOCTYPE html><html lang="es"><title>x</title><script type="module" src="/a/main.js"></script><h1>x</h1>',
  'GET /ver/nada': () => shown('nada'),
  'GET /ver/otro': () => shown('otro'),
  'GET /archivo/otro': () => ({ octets: '<script>alert(1)</script>', type: 'text/html' }),
};
const server = await serve(answers);
atEnd(() => server.close());
files.hostile = hostile(server.url);
for (const name of Object.keys(files)) {
  answers[`GET /ver/${name}`] = () => shown(name);
  answers[`GET /archivo/${name}`] = () => ({ octets: files[name], type: 'application/pdf' });
}
const frameOf = (page) => page.frames().find((frame) => new URL(frame.url()).pathname === '/visor');

/** Opens /ver/NAME and waits until something was drawn. */
const viewing = (name, work, options = {}) => withPage(options, async (page) => {
  await page.goto(`${server.url}/ver/${name}`);
  await ready(page);
  await page.waitForSelector('.viewer[data-pages]');
  return work(page, frameOf(page));
});

/** The colour in the middle of what is drawn: "r,g,b". */
const colour = (frame) => frame.evaluate(() => {
  const canvas = document.querySelector('canvas');
  return [...canvas.getContext('2d').getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data.slice(0, 3)].join();
});
const pageNumber = (page, number) => page.waitForSelector(`.viewer[data-page="${number}"]`);

test('a PDF, page by page, by buttons and keys', () => viewing('plain', async (page, frame) => {
  assert.equal(await page.getAttribute('.viewer', 'data-pages'), '3');
  assert.equal(await colour(frame), '255,0,0');
  assert.equal(await frame.textContent('[role="status"]'), '1 de 3');
  assert.ok(await frame.isDisabled('[aria-label="Anterior"]'));
  await frame.click('[aria-label="Siguiente"]');
  await pageNumber(page, 2);
  assert.equal(await colour(frame), '0,0,255');
  await frame.focus('main');
  await page.keyboard.press('PageDown');
  await pageNumber(page, 3);
  assert.ok(await frame.isDisabled('[aria-label="Siguiente"]'));
  const turned = await frame.evaluate(() => document.querySelector('canvas').width / document.querySelector('canvas').height);
  assert.ok(turned < 1, 'the page is turned as it says');
  await page.keyboard.press('Home');
  await pageNumber(page, 1);
}));

const widthNow = (frame) => frame.evaluate(() => document.querySelector('canvas').getBoundingClientRect().width);

test('nearer, farther, turned', () => viewing('plain', async (page, frame) => {
  const before = await widthNow(frame);
  await frame.click('[aria-label="Más"]');
  await until('it is larger', async () => (await widthNow(frame)) > before * 1.2);
  await frame.focus('main');
  await page.keyboard.press('0');
  await until('it is as before', async () => Math.abs((await widthNow(frame)) - before) < 2);
  await frame.click('[aria-label="Girar"]');
  await until('it stands', async () => frame.evaluate(() => document.querySelector('canvas').height > document.querySelector('canvas').width));
  for (let i = 0; i < 12; i++) await page.keyboard.press('+');
  assert.ok(await frame.isDisabled('[aria-label="Más"]'));
}));

test('the frame is nobody’s, and has no network', () => viewing('plain', async (page, frame) => {
  page.removeAllListeners('console'); // what is refused is told there
  const tried = await frame.evaluate(async (url) => {
    const attempt = async (work) => {
      try {
        return String(await work());
      } catch (error) {
        return error.name;
      }
    };
    return {
      origin: self.origin,
      page: await attempt(() => window.parent.document.title),
      cookie: await attempt(() => document.cookie),
      storage: await attempt(() => localStorage.length),
      fetched: await attempt(() => fetch(`${url}/stolen?fetch`)),
      beacon: await attempt(() => navigator.sendBeacon(`${url}/stolen?beacon`)),
      evaluated: await attempt(() => new Promise((good, bad) => setTimeout(() => { // not within the debugger's own call, which may
        try { good(new Function('return 1 + 1')()); } catch (error) { bad(error); }
      }))),
      opened: await attempt(() => window.open(`${url}/stolen?window`)),
      top: await attempt(() => { window.top.location = `${url}/stolen?top`; return 'moved'; }),
      image: await attempt(() => new Promise((good, bad) => Object.assign(new Image(), { onload: good, onerror: () => bad(new TypeError()), src: `${url}/stolen?image` }))),
    };
  }, server.url);
  assert.equal(tried.origin, 'null');
  assert.equal(tried.page, 'SecurityError');
  assert.equal(tried.cookie, 'SecurityError');
  assert.equal(tried.storage, 'SecurityError');
  assert.equal(tried.fetched, 'TypeError');
  assert.equal(tried.evaluated, 'EvalError');
  assert.equal(tried.opened, 'null');
  assert.equal(tried.top, 'SecurityError');
  assert.equal(tried.image, 'TypeError');
  assert.deepEqual(server.received.filter(({ url }) => url.includes('stolen')), []);
}));

test('a hostile PDF is drawn, and does nothing', () => viewing('hostile', async (page, frame) => {
  page.on('dialog', () => assert.fail('a dialog'));
  assert.equal(await colour(frame), '0,255,0');
  await frame.click('canvas', { position: { x: 100, y: 60 } });
  await frame.focus('main');
  await page.keyboard.press('Enter');
  await page.keyboard.type('abc');
  await page.waitForTimeout(500);
  assert.equal(new URL(page.url()).pathname, '/ver/hostile');
  assert.equal(new URL(frame.url()).pathname, '/visor');
  assert.equal(await frame.locator('a, input, form, iframe, embed, object, section').count(), 0);
  assert.deepEqual(server.received.filter(({ url }) => url.includes('stolen')), []);
}));

for (const name of ['broken', 'garbage', 'circle', 'nada', 'otro']) {
  test(`what cannot be shown is told: ${name}`, () => withPage({}, async (page) => {
    await page.goto(`${server.url}/ver/${name}`);
    await ready(page);
    await page.getByText('No se puede mostrar').waitFor();
    assert.equal(await page.locator('iframe').count(), 0);
    assert.ok(await page.getByText('Guardar el archivo').isVisible());
  }));
}

test('a page as large as a town is drawn small', () => viewing('large', async (page, frame) => {
  assert.equal(await colour(frame), '0,255,0');
  const pixels = await frame.evaluate(() => document.querySelector('canvas').width * document.querySelector('canvas').height);
  assert.ok(pixels <= 16_100_000);
}));

for (const type of ['jpeg', 'png']) {
  test(`a picture: ${type}`, async () => {
    const painter = await openPage({ viewport: { width: 400, height: 300 } });
    await painter.setContent('<body style="margin:0;background:#0a0">');
    const octets = await painter.screenshot({ type });
    await painter.context().close();
    answers[`GET /ver/${type}`] = () => shown(type);
    answers[`GET /archivo/${type}`] = () => ({ octets, type: `image/${type}` });
    await viewing(type, async (page, frame) => {
      assert.match(await colour(frame), /^\d,1(69|70|71),\d$/);
      assert.ok(!(await frame.isVisible('[aria-label="Siguiente"]')));
      await frame.click('[aria-label="Girar"]');
      await until('it stands', async () => frame.evaluate(() => document.querySelector('canvas').height > document.querySelector('canvas').width));
    });
  });
}

test('nobody else can say what the frame says', () => viewing('plain', async (page) => {
  await page.evaluate(() => window.postMessage({ viewer: 'failed' }, '*'));
  await page.evaluate(() => window.postMessage({ viewer: 'drawn', page: 77, pages: 99 }, '*'));
  await page.waitForTimeout(200);
  assert.equal(await page.getAttribute('.viewer', 'data-page'), '1');
  assert.equal(await page.locator('iframe').count(), 1);
}));

test('accessible, with the keyboard alone, at 360 px', () => viewing('plain', async (page, frame) => {
  await look(page, 'viewer');
  await page.locator('h1').click();
  await page.keyboard.press('Tab'); // into the frame: its first button that is not disabled
  assert.equal(await frame.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Siguiente');
  await page.keyboard.press('Enter');
  await pageNumber(page, 2);
}));

test('without script there is the link', () => withPage({ javaScriptEnabled: false }, async (page) => {
  await page.goto(`${server.url}/ver/plain`);
  assert.ok(await page.getByText('Guardar el archivo').isVisible());
  assert.equal(await page.locator('iframe').count(), 0);
}));

test('pdf.js is only loaded where a viewer is', () => withPage({}, async (page) => {
  server.received.length = 0;
  await page.goto(`${server.url}/sin`);
  await ready(page);
  assert.deepEqual(server.received.filter(({ url }) => /viewer|visor/.test(url)), []);
}));

/* ---- On the desk ---- */

let platform;
async function thePlatform() {
  platform ??= await startPlatform();
  return platform;
}

async function asAgent(page, at) {
  const { url, home } = await thePlatform();
  await page.goto(`${url}/acceso/certificado?volver=${at}`);
  await ready(page);
  await page.setInputFiles('[data-certificate-file]', join(home, 'agente.p12'));
  await page.fill('[data-certificate-password]', readFileSync(join(home, 'agente.password'), 'utf8').trim());
  await Promise.all([page.waitForNavigation(), send(page, 'form[action="/acceso/certificado"]')]);
  await page.waitForURL(`${url}${at}`);
  await ready(page);
}

test('an agent looks at what was handed in; nobody else does', () => withPage({}, async (page) => {
  const { url } = await thePlatform();
  await asAgent(page, '/agente/solicitudes');
  await page.locator('table a[href^="/agente/solicitudes/"]').first().click();
  await ready(page);
  const first = page.locator('.viewer').first();
  await first.scrollIntoViewIfNeeded();
  await page.waitForSelector('.viewer[data-pages]');
  const address = await first.getAttribute('data-src');
  const policy = (await page.request.get(`${url}/visor`)).headers()['content-security-policy'];
  for (const part of FRAME_POLICY.split('; ').filter((one) => !one.includes('-src \'self\''))) assert.ok(policy.includes(part), part);
  const answer = await page.request.get(url + address);
  assert.equal(answer.status(), 200);
  assert.equal(answer.headers()['content-security-policy'], "sandbox; default-src 'none'; style-src 'unsafe-inline'");
  await look(page, 'viewer-desk');
  const other = await asSomebody(platform, platform.account('Ciudadana'));
  assert.equal((await other.request.get(url + address)).status(), 404);
  assert.equal((await other.request.get(`${url}/evidencias/999999`)).status(), 404);
  await other.context().close();
}));

await runAll();
