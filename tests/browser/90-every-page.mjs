// SPDX-License-Identifier: EUPL-1.2
// Every page that somebody can come to by links, for one account of each role: accessible in light and dark, no wider than a
// narrow telephone, no complaint in the console. Pages of one pattern (numbers in the address) are looked at once per role.
import assert from 'node:assert/strict';
import { look, openPage, ready, runAll, test } from './harness.mjs';
import { asSomebody } from './people.mjs';
import { startPlatform } from './platform.mjs';

const platform = await startPlatform();
const PEOPLE = ['Administradora', 'Operadora', 'Jefa de Obras', 'Oficina de Personal', 'Responsable', 'Agente', 'Auditor', 'Firmante', 'Ciudadana'];
const MOST = 200;
const seen = new Set(); // pages whose content does not depend on who looks are looked at once

/** The address with its numbers, and names of messages, replaced: one of each kind is enough. */
const pattern = (url) => url.pathname.replaceAll(/\/\d+(?=\/|$)/g, '/N').replace(/(\/textos)\/.+/, '$1/X').replace(/(\/catalogos\/[a-z]+)\/.+/, '$1/X');

/** Addresses of the platform's pages on this page: no files, no other languages, no sorted or further pages of lists. */
function linksOf(html) {
  const links = [...html.matchAll(/<a\s[^>]*>/g)].filter(([tag]) => !/\sdownload[\s=>]/.test(tag)).map(([tag]) => /\shref="([^"]*)"/.exec(tag)?.[1]);
  return links
    .filter(Boolean)
    .map((link) => new URL(link.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='), platform.url))
    .filter((url) => url.origin === platform.url && !url.searchParams.has('lang') && !url.searchParams.has('formato'))
    .filter((url) => !/^\/(a|salir|oidc|\.well-known)\//.test(`${url.pathname}/`));
}

async function walk(page, name) {
  const waiting = [new URL('/', platform.url)];
  const been = new Set();
  const failures = [];
  let looked = 0;
  while (waiting.length > 0 && been.size < MOST) {
    const url = waiting.shift();
    const kind = pattern(url);
    if (been.has(kind)) continue;
    been.add(kind);
    const answer = await page.request.get(url.href, { headers: { Accept: 'text/html' } });
    if (answer.status() >= 500) failures.push(`${url.pathname}: ${answer.status()}`);
    if (!(answer.headers()['content-type'] ?? '').startsWith('text/html')) continue; // a file
    waiting.push(...linksOf(await answer.text()));
    if (seen.has(kind) && !['/', '/accesos/N'].includes(kind)) continue;
    seen.add(kind);
    looked++;
    await page.goto(url.href);
    await ready(page);
    await look(page, `${name}${kind.replaceAll('/', '-')}`);
  }
  console.log(`# ${name}: ${been.size} pages, ${looked} looked at`);
  assert.deepEqual(failures, [], failures.join('\n'));
}

test('pages for everybody', async () => {
  const page = await openPage();
  await walk(page, 'publico');
  await page.context().close();
});

for (const person of PEOPLE) {
  test(`pages of ${person}`, async () => {
    const page = await asSomebody(platform, platform.account(person));
    await walk(page, person.split(' ')[0].toLowerCase());
    await page.context().close();
  });
}

await runAll();
