// SPDX-License-Identifier: EUPL-1.2
// What browser tests stand on: Chromium, tests in a row that speak TAP, and the looks that every page gets (accessibility in light
// and dark, no sideways scrolling at 360 px, no complaint in the console, pictures).
//
// PICTURES names a folder that keeps pictures of the pages; without it none are made.
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

export const WIDE = { width: 1280, height: 800 };
const MIDDLE = { width: 800, height: 1000 };
export const NARROW = { width: 360, height: 740 };
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];
const RULES_OF_COLOURS = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }; // all that is another in the dark
const PROGRAMS = ['/usr/lib/chromium/chromium-headless-shell', '/usr/bin/chromium']; // the first takes half the processor's time
const PATIENCE = 90_000; // the machine may be busy
const LONGEST = 900_000; // of a test

const tests = [];
const endings = [];
let complaints = []; // of the test that runs: what is wrong without being in its way

/** Registers a test; `skip` is a reason, or false. */
export function test(name, work, { skip = false } = {}) {
  tests.push({ name, work, skip });
}

/** Registers what has to be done at the end, whatever happens. */
export function atEnd(work) {
  endings.unshift(work);
}

function report(number, { name }, failure) {
  console.log(`${failure ? 'not ok' : 'ok'} ${number} - ${name}`);
  if (failure) console.log(String(failure.stack ?? failure).replaceAll(/^/gm, '    # '));
}

function outOfTime() {
  return new Promise((_, reject) => setTimeout(() => reject(new Error('out of time')), LONGEST).unref());
}

/** Runs the tests, one after the other, and closes with the totals. */
export async function runAll() {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const only = process.env.ONLY;
  for (const [at, one] of tests.entries()) {
    if (one.skip || (only && !one.name.includes(only))) {
      totals.skipped++;
      console.log(`ok ${at + 1} - ${one.name} # SKIP ${one.skip || 'not asked for'}`);
      continue;
    }
    complaints = [];
    const failed = await Promise.race([one.work(), outOfTime()]).then(() => null, (error) => error);
    const failure = failed ?? (complaints.length > 0 ? { stack: complaints.join('\n') } : null);
    totals[failure ? 'failed' : 'passed']++;
    report(at + 1, one, failure);
  }
  console.log(`1..${tests.length}`);
  for (const end of endings) await end();
  console.log(`# ${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
  process.exit(totals.failed ? 1 : 0);
}

let browser;
async function theBrowser() {
  if (browser) return browser;
  const sandbox = process.getuid() === 0 ? ['--no-sandbox'] : [];
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? PROGRAMS.find(existsSync), args: [...sandbox, '--disable-dev-shm-usage'] });
  atEnd(() => browser.close());
  return browser;
}

/** Browsers write a line for every answer that is no success; pages that say "not so" are ordinary here. */
const ORDINARY = /^Failed to load resource: the server responded with a status of (400|401|403|404|409|410|422|423|429)/;

/** A browser of its own, without cookies. What its console complains of fails the test. */
export async function openPage(options = {}) {
  const context = await (await theBrowser()).newContext({ viewport: WIDE, locale: 'es-PE', ignoreHTTPSErrors: true, ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  page.withScript = options.javaScriptEnabled !== false;
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !ORDINARY.test(message.text())) complaints.push(`${page.url()}: ${message.text()}`);
  });
  return page;
}

/** Opens a page for the work and closes it. */
export async function withPage(options, work) {
  const page = await openPage(options);
  try {
    return await work(page);
  } catch (error) {
    await picture(page, `failed-${new Date().getTime()}`);
    error.stack += `\n(at ${page.url()})\n${(await page.locator('body').innerText().catch(() => '')).slice(0, 1500)}`;
    throw error;
  } finally {
    await page.context().close();
  }
}

/** Does what leads to another page, at once or when script has done its part, and waits for that page. */
export async function leading(page, work) {
  await Promise.all([page.waitForNavigation(), work()]);
}

/** All modules have started: see assets/script/main.js. */
export async function ready(page) {
  await page.waitForSelector('html[data-ready]', { state: 'attached' });
}

/** Files are shown when they come into sight (assets/script/viewer.js), and frames out of sight are not painted: a page with some
 * gets a window that is as tall as it is. Gives the window's size before; null: it is as it was. */
async function seeFiles(page) {
  const viewers = await page.locator('.viewer:visible').all();
  if (!page.withScript || viewers.length === 0) return null;
  const size = page.viewportSize();
  await page.setViewportSize({ ...size, height: await page.evaluate(() => document.documentElement.scrollHeight) });
  for (const viewer of viewers) {
    await page.waitForFunction((element) => element.dataset.pages || !element.matches('.waits, .shows'), await viewer.elementHandle());
  }
  await page.waitForTimeout(500); // painted, too
  return size;
}

export async function picture(page, name) {
  if (!process.env.PICTURES) return;
  await mkdir(process.env.PICTURES, { recursive: true });
  const size = await seeFiles(page);
  await page.screenshot({ path: join(process.env.PICTURES, `${name}.png`), fullPage: true, animations: 'disabled' });
  if (size) await page.setViewportSize(size);
}

function told(violation) {
  const where = violation.nodes.slice(0, 4).map((node) => `      ${node.target.join(' ')}: ${node.html.slice(0, 160)}\n        ${node.failureSummary.replaceAll('\n', ' ')}`);
  return `    ${violation.id} (${violation.impact}): ${violation.help}\n${where.join('\n')}`;
}

async function accessible(page, how, rules = RULES) {
  if (!page.withScript) return []; // axe-core is script, too
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE); // by the debugger's door: the CSP is not asked
  const violations = await page.evaluate(async (runOnly) => (await globalThis.axe.run(document, { runOnly, resultTypes: ['violations'] })).violations, rules);
  return violations.map((violation) => `  ${how}:\n${told(violation)}`);
}

/** What sticks out sideways. */
async function sideways(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const out = [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > clientWidth + 1);
    return [`  ${scrollWidth - clientWidth} px too wide at ${clientWidth}: ${out.slice(0, 5).map((element) => element.outerHTML.slice(0, 120)).join('\n    ')}`];
  });
}

/** Looks at a page from all sides, and goes on: what is found fails the test at its end. `name` is of the pictures. */
export async function look(page, name) {
  const found = [];
  if (page.withScript && await page.locator('script[src$="/main.js"]').count() > 0) await ready(page);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize(WIDE);
  found.push(...await accessible(page, 'light'));
  await picture(page, `${name}-1280`);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  found.push(...await accessible(page, 'dark', RULES_OF_COLOURS));
  await picture(page, `${name}-dark`);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize(MIDDLE);
  found.push(...await sideways(page));
  await page.setViewportSize(NARROW);
  found.push(...await accessible(page, '360 px'), ...await sideways(page));
  await picture(page, `${name}-360`);
  await page.setViewportSize(WIDE);
  if (found.length > 0) complaints.push(`${name} (${page.url()}):\n${found.join('\n')}`);
}

/** What the page says is wrong with a form, now; '' for nothing. (page.innerText() would wait for something wrong.) */
export async function faultsOf(page) {
  return (await page.locator('main .errors').allInnerTexts()).join('\n');
}

/** Presses Tab until the element has the focus; fails when it never does. Gives the number of presses. */
export async function tabTo(page, selector, most = 120) {
  const target = page.locator(selector).first();
  for (let presses = 1; presses <= most; presses++) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) return presses;
  }
  throw new Error(`Tab never comes to ${selector}`);
}
