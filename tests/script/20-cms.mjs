// SPDX-License-Identifier: EUPL-1.2
// What an approver signs in the page, judged by openssl.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import test from 'node:test';
import { webcrypto } from 'node:crypto';
import { bytes, makeAuthority, makeFile, makePerson, openssl, path } from './certificates.mjs';

globalThis.crypto ??= webcrypto;
const { OpenedCertificate } = await import('../../assets/script/opened-certificate.js');
const { cmsSign } = await import('../../assets/script/cms-sign.js');

const TEXT = 'refrenda-access-approval-v1\nA-0007-2026\nÑandú: añade «Agente certificador»\n';
makeAuthority();

for (const kind of ['rsa', 'p256', 'p384']) {
  test(`a text signed with ${kind}`, async () => {
    makePerson(kind, kind);
    makeFile(`${kind}.p12`, kind, 'clave');
    const opened = await OpenedCertificate.open(bytes(`${kind}.p12`), 'clave');
    writeFileSync(path('some.cms'), await cmsSign(opened, TEXT));
    openssl('cms', '-verify', '-binary', '-inform', 'DER', '-in', 'some.cms', '-CAfile', 'ca.pem', '-purpose', 'any', '-out', 'text', '-cades');
    assert.equal(Buffer.from(bytes('text')).toString(), TEXT);
    const printed = String(openssl('cms', '-cmsout', '-print', '-noout', '-inform', 'DER', '-in', 'some.cms'));
    for (const name of ['contentType', 'messageDigest', 'signingTime', 'signingCertificateV2']) assert.match(printed, new RegExp(name));
  });
}

test('a changed text is no longer what was signed', async () => {
  const opened = await OpenedCertificate.open(bytes('p256.p12'), 'clave');
  const cms = Buffer.from(await cmsSign(opened, TEXT));
  cms[cms.indexOf('A-0007')] ^= 1;
  writeFileSync(path('some.cms'), cms);
  assert.throws(() => openssl('cms', '-verify', '-binary', '-inform', 'DER', '-in', 'some.cms', '-CAfile', 'ca.pem', '-purpose', 'any', '-out', 'text'));
});

test('a long text', async () => {
  const opened = await OpenedCertificate.open((makeFile('p256.p12', 'p256', 'clave'), bytes('p256.p12')), 'clave');
  const long = 'línea\n'.repeat(20000);
  writeFileSync(path('some.cms'), await cmsSign(opened, long));
  openssl('cms', '-verify', '-binary', '-inform', 'DER', '-in', 'some.cms', '-CAfile', 'ca.pem', '-purpose', 'any', '-out', 'text');
  assert.equal(Buffer.from(bytes('text')).toString(), long);
});
