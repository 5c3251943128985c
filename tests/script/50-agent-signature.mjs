// SPDX-License-Identifier: EUPL-1.2
// What an agent's key lets itself be used for: approvals and revocations of what the page shows, in their exact form, and nothing else.
import assert from 'node:assert/strict';
import test from 'node:test';
import { isAbout } from '../../assets/script/agent-signature.js';

const APPROVAL = `Refrenda approval 1
authority: ${'ab'.repeat(32)}
profile: pe-natural-person
request: S-0029-2026-1-1
key: ${'cd'.repeat(32)}
subject: serialNumber=IDCPE-70000016
subject: cn=ROSA QUISPE
mail: rosa@example.pe
time: 2026-11-22T01:02:03Z
`;
const REVOCATION = `Refrenda revocation 1
authority: emisora-1
serial: 11badcae06ff05e2ea221038114ce628a5
subject: ROSA QUISPE (IDCPE-70000016)
reason: key-exposed
time: 2026-11-22T01:02:03Z
`;
const SERIAL = '11badcae06ff05e2ea221038114ce628a5';

test('an approval of the request that is shown', () => {
  assert.ok(isAbout('approval', APPROVAL, 'S-0029-2026'));
  assert.ok(isAbout('approval', APPROVAL.replace('-1-1', '-12-3'), 'S-0029-2026'));
});

test('a revocation of the certificate that is shown', () => {
  assert.ok(isAbout('revocation', REVOCATION, SERIAL));
  assert.ok(isAbout('revocation', REVOCATION, SERIAL.toUpperCase()));
});

test('of something else, or in another form: not', () => {
  const wrong = [
    ['approval', APPROVAL, 'S-0029-202'],
    ['approval', APPROVAL, 'S-0030-2026'],
    ['approval', APPROVAL, ''],
    ['approval', APPROVAL.trim(), 'S-0029-2026'],
    ['approval', APPROVAL.replaceAll('\n', '\r\n'), 'S-0029-2026'],
    ['approval', ` ${APPROVAL}`, 'S-0029-2026'],
    ['approval', `\n${APPROVAL}`, 'S-0029-2026'],
    ['approval', `${APPROVAL}request: S-0030-2026-1-1\n`, 'S-0029-2026'],
    ['approval', APPROVAL.replace('request: ', 'Request: '), 'S-0029-2026'],
    ['approval', APPROVAL.replace('-1-1', '-1-1-1'), 'S-0029-2026'],
    ['approval', APPROVAL.replace('-1-1', '-1-1 '), 'S-0029-2026'],
    ['approval', APPROVAL.replace('approval 1', 'approval 2'), 'S-0029-2026'],
    ['approval', REVOCATION, SERIAL],
    ['revocation', APPROVAL, 'S-0029-2026'],
    ['revocation', REVOCATION, SERIAL.slice(2)],
    ['revocation', REVOCATION, `${SERIAL}00`],
    ['revocation', REVOCATION.replace('serial: ', 'serial:'), SERIAL],
    ['toString', APPROVAL, 'S-0029-2026'],
    [undefined, APPROVAL, 'S-0029-2026'],
    ['approval', 'refrenda-login-v1\nhttps://firma.example\nAAAA\n2026-11-22T01:02:03Z', 'S-0029-2026'],
    ['approval', '%PDF-1.7\n', 'S-0029-2026'],
  ];
  for (const [kind, text, name] of wrong) assert.equal(isAbout(kind, text, name), false, `${kind} ${JSON.stringify(text.slice(0, 60))} ${name}`);
});
