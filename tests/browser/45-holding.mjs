// SPDX-License-Identifier: EUPL-1.2
// "Mis certificados": a person's own ones, what they were used for, the chain, the window of renewal, revoking with the number typed
// again, its receipt; and the statistics that an agent sees.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { look, openPage, ready, runAll, test, withPage } from './harness.mjs';
import { asSomebody, send } from './people.mjs';
import { startPlatform } from './platform.mjs';

const HOLDER = '00000202';
const platform = await startPlatform({
  prepare: (made) => {
    for (const name of ['primero', 'segundo']) made.issue(`${name}.p12`, { given: 'WILFREDO', surname: 'VECINO', number: HOLDER, password: 'x' });
  },
});
const CERTIFICATES = `${platform.url}/certificados`;

async function asAgent() {
  const page = await openPage();
  await page.goto(`${platform.url}/acceso/certificado?volver=/certificados`);
  await ready(page);
  await page.setInputFiles('[data-certificate-file]', join(platform.home, 'agente.p12'));
  await page.fill('[data-certificate-password]', readFileSync(join(platform.home, 'agente.password'), 'utf8').trim());
  await Promise.all([page.waitForURL((url) => url.pathname === '/certificados'), send(page, 'form[action="/acceso/certificado"]')]);
  return page;
}

test('one who has none is told how to get one', async () => withPage({}, async () => {
  const page = await asSomebody(platform, platform.account('Firmante'));
  await page.goto(CERTIFICATES);
  assert.equal(await page.locator('main a[href="/firma/solicitud"]').count(), 1);
  await look(page, 'holding-none');
  await page.context().close();
}));

test('who signed in with it sees that it was used', async () => {
  const page = await asAgent();
  await ready(page);
  await look(page, 'holding-agent');
  await Promise.all([page.waitForURL(/certificados\/\d+$/), page.locator('main h2 a').first().click()]);
  await ready(page);
  assert.ok(await page.locator('main .timeline li').count() >= 1);
  await look(page, 'holding-uses');
  await page.goto(`${CERTIFICATES}/estadisticas`);
  await look(page, 'holding-statistics');
  await page.context().close();
});

test('a holder looks, downloads, revokes, and has a receipt', async () => {
  const page = await asSomebody(platform, platform.account('Ciudadano con'));
  await page.goto(CERTIFICATES);
  const links = await page.locator('main h2 a').evaluateAll((all) => all.map((link) => link.href));
  assert.equal(links.length, 2);
  await look(page, 'holding-own');
  await page.goto(links[0]);
  assert.ok(await page.locator('main button[disabled]').first().isVisible()); // its renewal opens in three years
  await look(page, 'holding-one');
  const chain = await page.request.get(`${links[0]}/cadena.pem`);
  assert.equal((await chain.text()).match(/BEGIN CERTIFICATE/g).length, 3);
  await page.goto(`${links[0]}/renovar`);
  await look(page, 'holding-too-early');
  await page.goto(`${links[0]}/revocar`);
  await page.fill('[name="number"]', '00000101');
  await page.selectOption('[name="reason"]', { index: 1 });
  await Promise.all([page.waitForNavigation(), send(page, 'main form.confirm')]);
  await ready(page);
  assert.equal(await page.inputValue('[name="number"]'), '00000101'); // what was typed stays
  await look(page, 'holding-revoke-wrong');
  await page.fill('[name="number"]', HOLDER);
  await page.selectOption('[name="reason"]', { index: 1 });
  await page.fill('[name="note"]', 'Perdí la computadora');
  await Promise.all([page.waitForURL(links[0]), send(page, 'main form.confirm')]);
  await ready(page);
  assert.equal(await page.locator('main .badge.bad').count(), 1);
  await look(page, 'holding-revoked');
  const receipt = await page.request.get(`${links[0]}/comprobante.pdf`);
  assert.equal(receipt.status(), 200);
  assert.equal((await receipt.body()).subarray(0, 5).toString(), '%PDF-');
  const again = await page.goto(`${links[0]}/revocar`);
  assert.equal(again.status(), 409);
  await page.context().close();
});

test('of somebody else there is nothing', async () => {
  const page = await asSomebody(platform, platform.account('Firmante'));
  for (let id = 1; id < 12; id++) {
    for (const path of ['', '/revocar', '/cadena.pem', '/comprobante.pdf', '/renovar']) {
      const answer = await page.request.get(`${CERTIFICATES}/${id}${path}`);
      assert.equal(answer.status(), 404, `${id}${path}`);
    }
  }
  await page.context().close();
});

await runAll();
