// SPDX-License-Identifier: EUPL-1.2
// Requests of roles (spec 5.3): asked for by a unit's operator, decided by its head, in force at once, known for any day.
import assert from 'node:assert/strict';
import { leading, look, ready, runAll, tabTo, test } from './harness.mjs';
import { asSomebody, message, sendOff } from './people.mjs';
import { startPlatform } from './platform.mjs';

const PASSWORD = 'la clave del archivo';
const LETTER = {
  name: 'oficio.pdf',
  mimeType: 'application/pdf',
  buffer: Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n'),
};
const NO_SCRIPT = { javaScriptEnabled: false };
const DAY = 86_400_000;
const path = (page) => new URL(page.url()).pathname;
/** A day as form fields want it, in the installation's zone. */
const day = (moment) => new Intl.DateTimeFormat('sv-SE', { timeZone: 'America/Lima' }).format(moment);

const platform = await startPlatform({
  // half a year has passed since the roles were last confirmed
  prepare: (made) => made.sql(`UPDATE access_review_unit SET since = since - ${400 * DAY * 1000}`),
});

async function as(who, options, work) {
  const page = await asSomebody(platform, platform.account(who), options);
  try {
    return await work(page);
  } catch (error) {
    error.stack += `\n(at ${page.url()})\n${(await page.locator('main').innerText().catch(() => '')).slice(0, 1500)}`;
    throw error;
  } finally {
    await page.context().close();
  }
}

/** The form of a new request for a person of the unit, with the system added that has the role. */
async function begin(page, person, system) {
  await page.goto(`${platform.url}/accesos/solicitudes/nueva`);
  await page.fill('[name="buscar"]', person);
  await page.press('[name="buscar"]', 'Enter');
  await page.waitForURL('**buscar=**');
  await page.locator('tbody a').first().click();
  await page.waitForURL(/nueva\/\d+/);
  await page.selectOption('[name="part"]', system);
  await page.click('[name="action"][value="add"]');
  await page.waitForSelector(`[name="parts"][value="${system}"]`, { state: 'attached' });
}

/** Presses a button and waits for the page that answers. */
const press = (page, selector) => leading(page, () => page.click(selector));

const identifier = (page) => /solicitudes\/(\d+)/.exec(page.url())[1];

/** Asks for a role and sends it; gives the request's id. */
async function ask(page, person, system, role, reason) {
  await begin(page, person, system);
  await page.check(`[name="lines"][value="${role}"]`);
  await page.fill('[name="reason"]', reason);
  await page.click('[name="action"][value="send"]');
  await page.waitForURL(/solicitudes\/\d+$/);
  return identifier(page);
}

const state = (page) => page.locator('h1 .badge').innerText();

test('the review: a head keeps some roles and ends others, for sure', () => as('Jefa de Obras', {}, async (page) => {
  await page.goto(`${platform.url}/accesos/revision`);
  await ready(page);
  const boxes = page.locator('[name="tick"]');
  const all = await boxes.count();
  assert.ok(all >= 2, `${all} roles to confirm`);
  await look(page, 'accesos-revision');
  await boxes.nth(0).check();
  await press(page, '#ticks [value="keep"]');
  assert.equal(await boxes.count(), all - 1);
  await boxes.nth(0).check();
  await press(page, '#ticks [value="end"]');
  assert.ok(await page.isVisible('.errors'));
  await look(page, 'accesos-revision-segura');
  if (!(await boxes.nth(0).isChecked())) await boxes.nth(0).check();
  await page.check('[name="sure"]');
  await press(page, '#ticks [value="end"]');
  await page.goto(`${platform.url}/accesos/revision`);
  assert.equal(await boxes.count(), all - 2);
}));

for (const [how, options, system, role] of [['with script', {}, 'documentos', 'signer'], ['without script', NO_SCRIPT, 'casilla', 'assistant']]) {
  test(`a request is drafted, sent, approved, and in force at once, ${how}`, async () => {
    const reason = `Prueba ${how}`;
    const id = await as('Operadora', options, async (page) => {
      await begin(page, 'Rosario', system);
      await look(page, 'accesos-formulario');
      await page.check(`[name="lines"][value="${role}"]`);
      await page.fill('[name="reason"]', reason);
      await page.click('[name="action"][value="save"]');
      await page.waitForURL(/solicitudes\/\d+$/);
      await look(page, 'accesos-borrador');
      const number = identifier(page);
      await press(page, 'a[href$="/editar"]');
      assert.ok(await page.isChecked(`[name="lines"][value="${role}"]`), 'the draft kept the role');
      assert.equal(await page.inputValue('[name="reason"]'), reason);
      await page.goBack();
      await sendOff(page, 'form[action$="/enviar"]');
      assert.match(path(page), /solicitudes\/\d+$/);
      assert.match(await page.innerText('h1'), /A-\d{4}-\d{4}/);
      await look(page, 'accesos-enviada');
      assert.equal(await page.locator('form[action$="/decidir"]').count(), 0, 'nobody decides their own');
      return number;
    });
    await as('Jefa de Obras', options, async (page) => {
      await page.goto(`${platform.url}/accesos/bandeja`);
      await look(page, 'accesos-bandeja');
      await page.locator(`tbody a[href$="/solicitudes/${id}"]`).first().click();
      await page.waitForURL(`**/solicitudes/${id}`);
      await look(page, 'accesos-decidir');
      await press(page, '[name="verdict"][value="approve"]');
      await page.goto(`${platform.url}/accesos/solicitudes/${id}`);
      await look(page, 'accesos-aprobada');
      assert.equal(await page.locator('form[action$="/decidir"]').count(), 0, 'decided is decided');
      await page.goto(`${platform.url}/accesos/historial?fecha=${day(Date.now())}&buscar=Rosario`);
      assert.ok(await page.locator('tbody tr').count() >= 1, 'in force today');
      await look(page, 'accesos-historial');
      await page.goto(`${platform.url}/accesos/historial?fecha=${day(Date.now() - DAY)}&buscar=${encodeURIComponent(role)}`);
    });
    await message(platform, 'persona117@');
  });
}

test('what is missing or must not be is told by its field, and what was typed stays', () => as('Operadora', {}, async (page) => {
  await begin(page, 'Jacinto', 'accesos');
  await page.fill('[name="reason"]', 'Lo que se escribió');
  await page.click('[name="action"][value="send"]');
  await page.waitForSelector('.errors');
  assert.equal(await page.inputValue('[name="reason"]'), 'Lo que se escribió');
  await look(page, 'accesos-formulario-errores');
  await page.check('[name="lines"][value="access_operator"]');
  await page.check('[name="lines"][value="access_approver"]');
  await press(page, '[name="action"][value="send"]');
  await page.waitForSelector('.errors');
  assert.ok(await page.isVisible('.field.wrong'), 'the rule of two people is named beside the roles');
  await look(page, 'accesos-formulario-conflicto');
}));

test('a colleague of another unit is not found, and their form is not opened', () => as('Operadora', {}, async (page) => {
  await page.goto(`${platform.url}/accesos/solicitudes/nueva?buscar=Silvio`);
  assert.equal(await page.locator('tbody tr').count(), 0);
}));

test('to reject needs a reason, which the operator reads', async () => {
  const id = await as('Operadora', {}, (page) => ask(page, 'Jacinto', 'atencion', 'desk_analyst', 'Para rechazar'));
  await as('Jefa de Obras', {}, async (page) => {
    await page.goto(`${platform.url}/accesos/solicitudes/${id}`);
    await press(page, '[name="verdict"][value="reject"]');
    await page.waitForSelector('.errors, .field.wrong');
    await page.fill('[name="reason"]', 'No corresponde a su cargo');
    await press(page, '[name="verdict"][value="reject"]');
  });
  await as('Operadora', {}, async (page) => {
    await page.goto(`${platform.url}/accesos/solicitudes/${id}`);
    assert.match(await page.innerText('main'), /No corresponde a su cargo/);
    await look(page, 'accesos-rechazada');
  });
});

for (const [how, options, roles] of [['with script', {}, ['registrar', 'operator']], ['without script', NO_SCRIPT, ['issuer', 'assistant']]]) {
  test(`several are approved at once, ${how}`, async () => {
    const systems = { registrar: 'documentos', operator: 'casilla', issuer: 'casilla', assistant: 'casilla' };
    const ids = await as('Operadora', {}, async (page) => {
      const list = [];
      for (const role of roles) list.push(await ask(page, 'Jacinto', systems[role], role, `Varias a la vez: ${role}`));
      return list;
    });
    await as('Jefa de Obras', options, async (page) => {
      await page.goto(`${platform.url}/accesos/bandeja`);
      if (options.javaScriptEnabled !== false) {
        await ready(page);
        assert.ok(await page.isDisabled('#ticks [value="approve"]'), 'nothing is ticked yet');
      }
      for (const id of ids) await page.check(`[name="tick"][value="${id}"]`);
      await look(page, 'accesos-bandeja-varias');
      await press(page, '#ticks [value="approve"]');
      await look(page, 'accesos-decididas');
      await page.goto(`${platform.url}/accesos/bandeja`);
      for (const id of ids) assert.equal(await page.locator(`[name="tick"][value="${id}"]`).count(), 0);
    });
  });
}

test('two who decide at once: one wins, the other is told', async () => {
  const id = await as('Operadora', {}, (page) => ask(page, 'Rosario', 'documentos', 'registrar', 'Dos a la vez'));
  const first = await asSomebody(platform, platform.account('Jefa de Obras'));
  const second = await asSomebody(platform, platform.account('Jefa de Obras'));
  for (const page of [first, second]) await page.goto(`${platform.url}/accesos/solicitudes/${id}`);
  await press(first, '[name="verdict"][value="approve"]');
  await second.fill('[name="reason"]', 'Demasiado tarde');
  await press(second, '[name="verdict"][value="reject"]');
  await second.goto(`${platform.url}/accesos/solicitudes/${id}`);
  assert.doesNotMatch(await second.innerText('main'), /Demasiado tarde/);
  for (const page of [first, second]) await page.context().close();
});

test('a request is sent and approved with the keyboard alone', async () => {
  const id = await as('Operadora', {}, async (page) => {
    await page.goto(`${platform.url}/accesos/solicitudes`);
    await tabTo(page, 'main a[href="/accesos/solicitudes/nueva"]');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/nueva');
    await tabTo(page, '[name="buscar"]');
    await page.keyboard.type('Jacinto');
    await page.keyboard.press('Enter');
    await page.waitForURL('**buscar=**');
    await tabTo(page, 'tbody a');
    await page.keyboard.press('Enter');
    await page.waitForURL(/nueva\/\d+/);
    await tabTo(page, '[name="part"]');
    await page.selectOption('[name="part"]', 'documentos'); // choosing with letters depends on the language
    await tabTo(page, '[name="action"][value="add"]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[name="lines"]');
    await tabTo(page, '[name="withdraw"]');
    await page.keyboard.press('Space');
    await tabTo(page, '[name="reason"]');
    await page.keyboard.type('Con el teclado');
    await tabTo(page, '[name="action"][value="send"]');
    await page.keyboard.press('Enter');
    await page.waitForURL(/solicitudes\/\d+$/);
    return identifier(page);
  });
  await as('Jefa de Obras', {}, async (page) => {
    await page.goto(`${platform.url}/accesos/solicitudes/${id}`);
    await tabTo(page, '[name="verdict"][value="approve"]');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    await page.goto(`${platform.url}/accesos/solicitudes/${id}`);
    assert.equal(await page.locator('form[action$="/decidir"]').count(), 0);
  });
});

test('the roles of a person at a date', () => as('Jefa de Obras', {}, async (page) => {
  const rows = async (moment) => {
    await page.goto(`${platform.url}/accesos/historial?fecha=${day(moment)}&buscar=Rosario`);
    return page.locator('tbody tr').count();
  };
  assert.ok(await rows(Date.now()) > await rows(Date.now() - 3 * DAY), 'today they have more than three days ago');
  assert.equal(await rows(Date.now() - 3 * 365 * DAY), 0, 'three years ago they had none');
  await page.goto(`${platform.url}/accesos/historial?fecha=ayer`);
  await look(page, 'accesos-historial-fecha-mala');
}));

test('who becomes a certifying agent: letter, and an approval that is signed in the page', async () => {
  const file = platform.issue('responsable.p12', { given: 'DIONISIO', surname: 'SUPUESTO LLERENA', number: '00000104', password: PASSWORD });
  const id = await as('Operadora', {}, async (page) => {
    await begin(page, 'Rosario', 'certificacion');
    await page.check('[name="lines"][value="certifying_agent"]');
    await page.fill('[name="reason"]', 'Será la agente de la subgerencia');
    await page.click('[name="action"][value="send"]');
    await page.waitForSelector('.errors');
    assert.ok(await page.isVisible('.field.wrong'), 'without a letter it is not sent');
    await page.setInputFiles('[name="letter"]', LETTER);
    await page.click('[name="action"][value="send"]');
    await page.waitForURL(/solicitudes\/\d+$/);
    await look(page, 'accesos-agente-enviada');
    return identifier(page);
  });
  await as('Responsable', {}, async (page) => {
    await page.goto(`${platform.url}/accesos/agentes`);
    await look(page, 'accesos-agentes');
    await page.locator(`tbody a[href$="/solicitudes/${id}"]`).first().click();
    await page.waitForURL(`**/solicitudes/${id}`);
    await ready(page);
    await look(page, 'accesos-agente-decidir');
    await page.click('[name="verdict"][value="approve"]');
    await page.waitForSelector('[data-state].is-bad');
    await page.setInputFiles('[data-certificate-file]', file);
    await page.fill('[data-certificate-password]', PASSWORD);
    const sent = page.waitForRequest((request) => request.method() === 'POST');
    await press(page, '[name="verdict"][value="approve"]');
    assert.ok(!((await sent).postDataBuffer() ?? Buffer.alloc(0)).includes(Buffer.from(PASSWORD)), 'the password stays in the page');
    await page.goto(`${platform.url}/accesos/solicitudes/${id}`);
    assert.equal(await page.locator('a[href$="/firma"]').count(), 1, 'the signature is kept with the request');
    await look(page, 'accesos-agente-aprobada');
  });
});

test('a signature by somebody else is refused', async () => {
  const file = platform.issue('ajena.p12', { given: 'NADIE', surname: 'DESCONOCIDO', number: '00000999', password: PASSWORD });
  const id = await as('Operadora', {}, async (page) => {
    await begin(page, 'Jacinto', 'certificacion');
    await page.check('[name="lines"][value="certifying_agent"]');
    await page.fill('[name="reason"]', 'Otra agente');
    await page.setInputFiles('[name="letter"]', LETTER);
    await page.click('[name="action"][value="send"]');
    await page.waitForURL(/solicitudes\/\d+$/);
    return identifier(page);
  });
  await as('Responsable', {}, async (page) => {
    await page.goto(`${platform.url}/accesos/solicitudes/${id}`);
    await ready(page);
    await page.setInputFiles('[data-certificate-file]', file);
    await page.fill('[data-certificate-password]', PASSWORD);
    await page.click('[name="verdict"][value="approve"]');
    await page.waitForSelector('.errors, .field.wrong');
    await look(page, 'accesos-agente-firma-ajena');
  });
});

test('who has no such role does not see the pages', () => as('Firmante', {}, async (page) => {
  for (const address of ['/accesos/bandeja', '/accesos/revision', '/accesos/agentes', '/accesos/solicitudes', '/administracion/cuentas', '/auditoria']) {
    const answer = await page.goto(platform.url + address);
    assert.ok([403, 404].includes(answer.status()), `${address}: ${answer.status()}`);
  }
  await look(page, 'error-403');
}));

await runAll();
