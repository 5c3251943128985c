// SPDX-License-Identifier: EUPL-1.2
// A unit's request of a certificate (spec 3.3): the head of certification registers a ticket with its applicant, pictures and sworn
// statement; the office returns it once, asks for the key, and issues with a signature of the agent; and the whole of it with a payment.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultsOf, leading, look, openPage, ready, runAll, test, withPage } from './harness.mjs';
import { asSomebody, message, send } from './people.mjs';
import { startIdentityService, startPlatform, until } from './platform.mjs';
import { onePage } from './request.mjs';
import { openssl, path as temporary } from '../script/certificates.mjs';

const platform = await startPlatform({ settings: await startIdentityService() });
const TICKETS = `${platform.url}/tramites/certificados`;
const OFFICE = `${platform.url}/tramites/bandeja`;
const P12 = join(platform.home, 'agente.p12');
const PASSWORD = readFileSync(join(platform.home, 'agente.password'), 'utf8').trim();
const MAIL = 'zoila@valdehierro.example'; // of the entity's domain
const lead = () => asSomebody(platform, platform.account('Responsable de certificados'));

async function asAgent() {
  const page = await openPage();
  await page.goto(`${platform.url}/acceso/certificado?volver=/tramites/bandeja`);
  await ready(page);
  await page.setInputFiles('[data-certificate-file]', P12);
  await page.fill('[data-certificate-password]', PASSWORD);
  await Promise.all([page.waitForURL(OFFICE), send(page, 'form[action="/acceso/certificado"]')]);
  return page;
}

let picture;
async function photograph() {
  if (picture) return picture;
  const page = await openPage({ viewport: { width: 800, height: 600 } });
  await page.setContent('<h1>FIRMA INVENTADA</h1>' + '<p>Ninguna persona firma así · 70000016</p>'.repeat(14));
  picture = temporary('firma.png');
  writeFileSync(picture, await page.screenshot());
  await page.context().close();
  return picture;
}

function statement() {
  const file = temporary('declaracion.pdf');
  writeFileSync(file, onePage(612));
  return file;
}

async function register(page, kind, motive) {
  await page.goto(`${TICKETS}/nuevo`);
  await ready(page);
  await look(page, `agency-new-${kind}`);
  await Promise.all([page.waitForURL(`**/nuevo?tipo=${kind}`), page.selectOption('[name="tipo"]', kind)]);
  await ready(page);
  await page.selectOption('[name="motive"]', motive);
  await page.selectOption('[name="unit"]', { index: 1 });
  await page.fill('[name="description"]', 'Para la arquitecta nueva');
  await look(page, `agency-form-${kind}`);
  await Promise.all([page.waitForURL(/certificados\/\d+$/), send(page)]);
  await ready(page);
  return page.url();
}

async function fillApplicant(page, number) {
  await page.fill('[name="number"]', number);
  await page.fill('[name="given_names"]', 'Zoila');
  await page.fill('[name="surname"]', 'Supuesta');
  await page.fill('[name="second_surname"]', '');
  await page.fill('[name="document_issued"]', '2020-05-05');
  await page.fill('[name="mobile"]', '987 654 321');
  await page.selectOption('[name="unit"]', { index: 1 });
  await page.fill('[name="post"]', 'Arquitecta');
  await page.selectOption('[name="way_of_working"]', 'mixed');
  await page.selectOption('[name="locality"]', { index: 5 });
  await page.selectOption('[name="installed_at"]', 'workplace');
  await page.check('[name="device"][value="software"]');
}

test('from the ticket to the certificate', async () => {
  const page = await lead();
  await page.goto(TICKETS);
  await look(page, 'agency-empty');
  const ticket = await register(page, 'issue', 'first-issue');
  await look(page, 'agency-ticket-empty');
  assert.ok(await page.locator('button[aria-describedby="lacking"]').isDisabled());
  await leading(page, () => page.click('a[href$="/solicitantes/nuevo"]'));
  await ready(page);
  await page.fill('[name="number"]', '70000016');
  await until('the identity service is asked by worker and sandbox, in time', async () => { // people do not wait long for it
    await leading(page, () => page.click('button[value="lookup"]'));
    await ready(page);
    return (await page.inputValue('[name="given_names"]')) === 'ROSA MARÍA';
  });
  await look(page, 'agency-looked-up');
  await fillApplicant(page, '70000016');
  await page.fill('[name="mail"]', 'zoila@correo.example');
  await page.setInputFiles('[name="signature-image"]', await photograph());
  await page.setInputFiles('[name="photograph"]', await photograph());
  await Promise.all([page.waitForNavigation(), page.click('main form[enctype] .actions:last-child button')]);
  await ready(page);
  assert.notEqual(await faultsOf(page), ''); // not an address of the entity
  await look(page, 'agency-applicant-wrong');
  await page.fill('[name="mail"]', MAIL);
  await Promise.all([page.waitForURL(/solicitantes\/\d+$/), page.click('main form[enctype] .actions:last-child button')]).catch(async (error) => {
    throw new Error(`${await faultsOf(page)}\n${error}`);
  });
  await ready(page);
  await look(page, 'agency-applicant');
  const pdf = await page.request.get(`${page.url()}/declaracion.pdf`);
  assert.equal(pdf.status(), 200);
  assert.equal((await pdf.body()).subarray(0, 5).toString(), '%PDF-');
  await page.setInputFiles('[name="sworn-statement"]', statement());
  await Promise.all([page.waitForURL(ticket), page.click('main form[enctype] .actions:last-child button')]);
  await ready(page);
  await look(page, 'agency-ticket');
  await Promise.all([page.waitForNavigation(), send(page, 'form[action$="/enviar"]')]);
  await ready(page);
  await look(page, 'agency-ticket-sent');
  assert.equal(await page.locator('form[action$="/enviar"]').count(), 0);
  await page.goto(TICKETS);
  await look(page, 'agency-list');

  const office = await asAgent();
  await ready(office);
  await look(office, 'office-list');
  await leading(office, () => office.locator('tbody a').first().click());
  await ready(office);
  await Promise.all([office.waitForNavigation(), send(office, 'form[action$="/tomar"]')]);
  await ready(office);
  await look(office, 'office-taken');
  const request = office.url();
  for (const box of await office.locator('[name="mark"]').all()) await box.press('Space'); // the files' frames are still growing
  await Promise.all([office.waitForNavigation(), send(office, 'form[action$="/revisar"]')]);
  await Promise.all([office.waitForNavigation(), send(office, 'form[action$="/claves"]')]);
  const { links } = await message(platform, MAIL, '/firma/clave/');
  await withPage({ javaScriptEnabled: false }, async (own) => {
    await own.goto(links.find((link) => link.includes('/firma/clave/')));
    openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', 'zoila.key');
    openssl('req', '-new', '-key', 'zoila.key', '-subj', '/CN=no importa', '-out', 'zoila.csr');
    await own.setInputFiles('[name="pkcs10"]', temporary('zoila.csr'));
    await Promise.all([own.waitForNavigation(), send(own)]);
    assert.equal(await faultsOf(own), '');
  });
  await office.goto(request);
  await ready(office);
  await look(office, 'office-ready');
  await Promise.all([office.waitForURL('**/emitir'), office.click('a[href$="/emitir"]')]);
  await ready(office);
  await office.waitForSelector('[data-kept]:not([hidden])');
  await look(office, 'office-issue');
  await Promise.all([office.waitForURL(request), send(office, 'form[data-kind="approval"]')]);
  await ready(office);
  assert.equal(await office.locator('a[href^="/agente/certificados/"]').count(), 1, await office.innerText('main'));
  await look(office, 'office-issued');
  await Promise.all([office.waitForURL('**/tramites/instalacion/*'), office.click('a[href^="/tramites/instalacion/"]')]);
  await ready(office);
  await office.fill('[name="day"]', new Date(Date.now() + 21 * 86400_000).toISOString().slice(0, 10));
  await look(office, 'office-install');
  await Promise.all([office.waitForURL(request), send(office)]);
  await ready(office);
  await look(office, 'office-arranged');
  assert.equal(await office.locator('form[action$="/atender"] button:not([disabled])').count(), 1, await office.innerText('main'));
  await Promise.all([office.waitForNavigation(), send(office, 'form[action$="/atender"]')]);
  await ready(office);
  await look(office, 'office-attended');
  await message(platform, MAIL, 'BEGIN CERTIFICATE');
  await office.context().close();
  await page.context().close();
});

test('a motive that is paid for, without script', () => withPage({ javaScriptEnabled: false }, async (page) => {
  await page.goto(`${platform.url}/acceso`);
  const account = platform.account('Responsable de certificados');
  await page.fill('[name="usuario"]', account.code);
  await page.fill('[name="clave"]', account.password);
  await Promise.all([page.waitForNavigation(), page.press('[name="clave"]', 'Enter')]);
  await page.goto(`${TICKETS}/nuevo`);
  await page.selectOption('[name="tipo"]', 'issue');
  await leading(page, () => page.click('main form[method="get"] button'));
  await page.selectOption('[name="motive"]', 'extra-certificate');
  await page.selectOption('[name="unit"]', { index: 1 });
  await page.fill('[name="description"]', 'Uno más');
  await Promise.all([page.waitForURL(/certificados\/\d+$/), send(page)]);
  await page.click('.tabs a[href$="vista=pago"]');
  await look(page, 'agency-payments-empty');
  await page.click('a[href$="/pagos/nuevo"]');
  await page.selectOption('[name="kind"]', 'banco-nacion');
  await page.fill('[name="day"]', '2026-11-20');
  await page.fill('[name="operation"]', '0012345');
  await page.fill('[name="agency"]', '0123');
  await page.fill('[name="cashier"]', '4567');
  await page.setInputFiles('[name="payment-document"]', statement());
  await look(page, 'agency-payment');
  await Promise.all([page.waitForURL(/vista=pago$/), page.click('main form[enctype] .actions button')]);
  await look(page, 'agency-payments');
  assert.match(await page.innerText('main table'), /12345/);
}));

await runAll();
