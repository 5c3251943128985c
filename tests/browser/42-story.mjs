// SPDX-License-Identifier: EUPL-1.2
// The whole story, as in Peru and as in Mexico: asked for on line, confirmed by the link of the mail, issued by an agent, joined with
// its key into a .p12, which signs a PDF; revoked by the agent. Then a signature without proof of its time is none any more, and
// one whose time is proven, before the revocation, still is.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leading, look, openPage, ready, runAll, test, withPage } from './harness.mjs';
import { message, send } from './people.mjs';
import { startPlatform, until } from './platform.mjs';
import { MEXICO, PASSWORD, PERU, askForCertificate, onePage } from './request.mjs';
import { openssl } from '../script/certificates.mjs';

const here = (page) => new URL(page.url()).pathname;

/** Runs the command refrenda; {status, text}. */
function refrenda(platform, ...parameters) {
  try {
    return { status: 0, text: platform.refrenda(...parameters) };
  } catch (error) {
    return { status: error.status, text: `${error.stdout}${error.stderr}` };
  }
}

class Story {
  constructor(platform, person) {
    Object.assign(this, { platform, person });
    this.p12 = join(platform.folder, 'persona.p12');
    this.root = join(platform.home, 'public', 'raiz.pem');
    writeFileSync(join(platform.folder, 'clave.txt'), `${PASSWORD}\n`);
    writeFileSync(join(platform.folder, 'acta.pdf'), onePage());
  }

  async ask(page) {
    Object.assign(this, await askForCertificate(page, this.platform, this.person));
    const { links } = await message(this.platform, this.person.mail, '/firma/confirmar/');
    await page.goto(links.find((link) => link.includes('/firma/confirmar/')));
    await send(page);
    await page.waitForURL('**/firma/seguimiento');
  }

  /** The agent, signed in with their certificate, at an address. */
  async asAgent(at) {
    const page = await openPage();
    const password = readFileSync(join(this.platform.home, 'agente.password'), 'utf8').trim();
    await page.goto(`${this.platform.url}/acceso/certificado?volver=${at}`);
    await ready(page);
    await page.setInputFiles('[data-certificate-file]', join(this.platform.home, 'agente.p12'));
    await page.fill('[data-certificate-password]', password);
    await Promise.all([page.waitForURL(`${this.platform.url}${at}`), send(page, 'form[action="/acceso/certificado"]')]);
    await ready(page);
    return page;
  }

  async open(agent) {
    await leading(agent, () => agent.locator(`tbody tr:has-text("${this.folio}") a`).first().click());
    await ready(agent);
  }

  async issue() {
    const agent = await this.asAgent('/agente/solicitudes');
    await this.open(agent);
    await Promise.all([agent.waitForNavigation(), send(agent, 'form[action$="/tomar"]')]);
    for (const box of await agent.locator('[name="mark"]').all()) await box.check();
    await Promise.all([agent.waitForNavigation(), send(agent, 'form[action$="/revisar"]')]);
    await leading(agent, () => agent.click('a[href$="/generar"]:not(nav a)'));
    await ready(agent);
    await Promise.all([agent.waitForURL('**/agente/certificados/*'), send(agent, 'form[data-kind="approval"]')]);
    this.certificate = here(agent);
    await agent.context().close();
  }

  /** The certificate's page, by the link of the mail; with the key that the browser kept, or with its file. */
  async join(page, kept) {
    const { links } = await message(this.platform, this.person.mail, '/firma/certificado');
    await page.goto(links.find((link) => link.includes('/firma/certificado')));
    if (await page.locator('[name="number"]').count()) {
      await page.fill('[name="number"]', this.person.number);
      await send(page);
      await page.waitForURL((url) => url.pathname === '/firma/certificado');
    }
    await ready(page);
    await page.waitForSelector('form[data-module="key-join"]:not([hidden])');
    assert.equal(await page.isVisible('[data-key-kept]'), kept);
    await look(page, `firma-certificado-${this.person.country}-${kept ? 'guardada' : 'archivo'}`);
    await this.#badTries(page, kept);
    if (!kept) await page.setInputFiles('[data-key-file]', this.key);
    await page.fill('[data-key-password]', PASSWORD);
    const saved = page.waitForEvent('download');
    await send(page, 'form[data-module="key-join"]');
    const file = await saved;
    assert.match(file.suggestedFilename(), /^[a-z0-9-]+\.p12$/);
    await file.saveAs(this.p12);
    await page.waitForSelector('[data-key-after]:visible');
    await look(page, `firma-certificado-${this.person.country}-hecho`);
  }

  async #badTries(page, kept) {
    if (!kept) {
      await page.fill('[data-key-password]', PASSWORD);
      await send(page, 'form[data-module="key-join"]');
      await page.waitForSelector('[data-key-file][aria-invalid]'); // none was chosen
      await page.setInputFiles('[data-key-file]', join(this.platform.home, 'agente.p12'));
      await send(page, 'form[data-module="key-join"]');
      await page.waitForSelector('[data-key-file][aria-invalid]');
      await page.setInputFiles('[data-key-file]', this.key);
    }
    await page.fill('[data-key-password]', 'otra clave');
    await send(page, 'form[data-module="key-join"]');
    await page.waitForSelector('[data-key-password][aria-invalid]');
  }

  sign(name, level) {
    const service = level === 'B-B' ? [] : ['--tsa', `${this.platform.status}/tsa`];
    const { status, text } = refrenda(this.platform, 'sign', 'acta.pdf', '-o', name, '--p12', this.p12, '--pass-file', 'clave.txt', '--level', level, '--trust', this.root, ...service);
    assert.equal(status, 0, text);
    this.signed = Date.now();
  }

  verify(name, ...more) {
    return refrenda(this.platform, 'verify', name, '--trust', this.root, '-v', ...more);
  }

  async revoke() {
    await until('time stamps, which are accurate to a second, prove signatures to be older', () => Date.now() > this.signed + 3000);
    const agent = await this.asAgent(this.certificate);
    await leading(agent, () => agent.click('a[href$="/revocar"]'));
    await agent.fill('[name="number"]', this.person.number);
    await agent.selectOption('[name="reason"]', { index: 1 });
    await Promise.all([agent.waitForNavigation(), agent.click('button[value="sign"]')]);
    await ready(agent);
    await Promise.all([agent.waitForURL('**/agente/revocaciones/*'), agent.click('button[value="revoke"]')]);
    await agent.context().close();
  }
}

function tell(platform, person, name) {
  const story = new Story(platform, person);

  test(`${name}: asked for, confirmed, issued, joined in the browser that has the key`, () => withPage({}, async (page) => {
    await story.ask(page);
    await story.issue();
    await page.goto(`${platform.url}/firma/seguimiento`);
    await look(page, `firma-seguimiento-emitido-${person.country}`);
    assert.equal(await page.locator('main a[href="/firma/certificado"]').count(), 1);
    const sent = [];
    page.on('request', (request) => sent.push(`${request.url()} ${request.postDataBuffer()?.toString('latin1') ?? ''}`));
    await story.join(page, true);
    assert.ok(sent.every((one) => !one.includes(PASSWORD) && !one.includes('PRIVATE KEY')), 'the key stays here');
  }));

  test(`${name}: joined in another browser, with the file of the key`, () => withPage({}, (page) => story.join(page, false)));

  test(`${name}: without script, by the command that the page shows`, () => withPage({ javaScriptEnabled: false }, async (page) => {
    await page.goto(`${platform.url}/firma/certificado?folio=${story.folio}`);
    await page.fill('[name="number"]', person.number);
    await send(page);
    await page.waitForURL((url) => url.pathname === '/firma/certificado');
    await page.locator('details summary').last().click();
    const saved = page.waitForEvent('download');
    await page.click('a[href="/firma/certificado/cadena.pem"]');
    const chain = join(platform.folder, 'cadena.pem');
    await (await saved).saveAs(chain);
    openssl('pkcs12', '-export', '-inkey', story.key, '-passin', `pass:${PASSWORD}`, '-in', chain, '-passout', 'pass:x', '-out', 'by-command.p12');
    openssl('pkcs12', '-in', 'by-command.p12', '-passin', 'pass:x', '-nodes', '-out', 'by-command.pem');
  }));

  test(`${name}: what it signs is verified`, async () => {
    openssl('pkcs12', '-in', story.p12, '-passin', `pass:${PASSWORD}`, '-nodes', '-out', 'all.pem');
    story.sign('plain.pdf', 'B-B');
    story.sign('proven.pdf', 'B-LT');
    for (const file of ['plain.pdf', 'proven.pdf']) {
      const { status, text } = story.verify(file);
      assert.equal(status, 0, text);
      assert.match(text, new RegExp(person.surname, 'i'));
    }
  });

  test(`${name}: revoked, a signature without proof of its time fails, a proven one passes`, async () => {
    await story.revoke();
    const plain = story.verify('plain.pdf');
    assert.notEqual(plain.status, 0, plain.text);
    assert.match(plain.text, /revoked/i);
    const proven = story.verify('proven.pdf');
    assert.equal(proven.status, 0, proven.text);
    const refused = refrenda(platform, 'sign', 'acta.pdf', '-o', 'late.pdf', '--p12', story.p12, '--pass-file', 'clave.txt', '--level', 'B-B', '--trust', story.root);
    assert.notEqual(refused.status, 0, 'nothing is signed with it any more');
    assert.match(refused.text, /revoked/i);
    const mail = await message(platform, person.mail, 'revoc');
    assert.ok(mail.text);
  });

  test(`${name}: the page of the certificate says that it is not in force`, () => withPage({}, async (page) => {
    await page.goto(`${platform.url}/firma/certificado?folio=${story.folio}`);
    await page.fill('[name="number"]', person.number);
    await send(page);
    await page.waitForSelector('.callout.bad');
    await look(page, `firma-certificado-${person.country}-revocado`);
  }));
}

const peru = await startPlatform();
const mexico = await startPlatform({ settings: '  country: "mx"\n' });
tell(peru, PERU, 'Peru');
tell(mexico, MEXICO, 'Mexico');

await runAll();
