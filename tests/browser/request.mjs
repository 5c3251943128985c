// SPDX-License-Identifier: EUPL-1.2
// How an applicant fills in the form that asks for a certificate, for tests; and files that look like what people hand in.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ready } from './harness.mjs';

export const PASSWORD = 'siete perros y una montaña';

/** The least that is a PDF, of this size: other sizes are other contents. */
export function onePage(width = 595) {
  const objects = ['<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Kids[3 0 R]/Count 1>>', `<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${width} 842]>>`];
  let text = '%PDF-1.7\n';
  const offsets = objects.map((object, at) => {
    const offset = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const start = text.length;
  text += `xref\n0 4\n0000000000 65535 f \n${offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')}`;
  return `${text}trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`;
}

export const PERU = {
  country: 'pe', number: '40404040', given: 'María José', surname: 'Inventada', second: 'Ñahuincopa', mail: 'maria.inventada@example.org', mobile: '+51987654321',
};
export const MEXICO = {
  country: 'mx', number: 'BOXW310820HNERXN09', secondNumber: 'BOXW310820KL6', given: 'Wanda', surname: 'Ficticia', second: 'Ñuñez', mail: 'wanda.ficticia@example.org', mobile: '+525512345678',
};

/** Every field but the files and the key; `unit`: what its choice says. */
export async function fillPerson(page, person, unit = '(SG)') {
  const motive = await page.locator('[name="motive"] option[value="issue/first-issue"]').count();
  if (motive) await page.selectOption('[name="motive"]', 'issue/first-issue');
  await page.fill('[name="number"]', person.number);
  if (person.secondNumber) await page.fill('[name="second_number"]', person.secondNumber);
  await page.fill('[name="given_names"]', person.given);
  await page.fill('[name="surname"]', person.surname);
  await page.fill('[name="second_surname"]', person.second);
  const wanted = await page.locator('[name="unit"] option', { hasText: unit }).first().getAttribute('value');
  await page.selectOption('[name="unit"]', wanted);
  await page.selectOption('[name="locality"]', { index: 3 });
  await page.fill('[name="address"]', 'Jirón de los Inventos 123, interior 4');
  await page.fill('[name="mail"]', person.mail);
  await page.fill('[name="mail_again"]', person.mail);
  await page.fill('[name="mobile"]', person.mobile);
}

/** A PDF for each file that is asked for. */
export async function attachFiles(page, folder) {
  const names = await page.locator('form[action="/firma/solicitud"] input[type="file"][name]:not([data-key-own])').evaluateAll((all) => all.map((input) => input.name));
  for (const [at, name] of names.entries()) {
    const path = join(folder, `${name}.pdf`);
    writeFileSync(path, onePage(500 + at));
    await page.setInputFiles(`input[name="${name}"]`, path);
  }
  return names;
}

export async function choosePassword(page, password = PASSWORD) {
  await page.fill('[data-key-password]', password);
  await page.fill('[data-key-repeat]', password);
}

/** The whole way to the folio: {folio, key: the path of the key file}. */
export async function askForCertificate(page, platform, person) {
  await page.goto(`${platform.url}/firma/solicitud`);
  await ready(page);
  await fillPerson(page, person);
  await attachFiles(page, platform.folder);
  await choosePassword(page);
  const saved = page.waitForEvent('download');
  await page.click('form[action="/firma/solicitud"] .actions button[type="submit"]');
  const file = await saved;
  const key = join(platform.folder, file.suggestedFilename());
  await file.saveAs(key);
  await page.waitForURL('**/firma/solicitud/recibida');
  return { folio: (await page.locator('.page-header .lead strong').innerText()).trim(), key };
}
