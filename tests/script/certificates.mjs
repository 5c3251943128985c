// SPDX-License-Identifier: EUPL-1.2
// Certificate files for tests, made by other programs than ours: openssl, keytool, NSS.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const folder = mkdtempSync(join(tmpdir(), 'refrenda-script-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

export const path = (name) => join(folder, name);

export function run(program, ...parameters) {
  return execFileSync(program, parameters, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
}
export const openssl = (...parameters) => run('openssl', ...parameters);

export function has(program) {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const KEYS = {
  rsa: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  p256: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  p384: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  p521: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521'],
  ed25519: ['-algorithm', 'ED25519'],
};

/** An authority, once; and a key with its certificate per kind. */
export function makeAuthority() {
  openssl('genpkey', ...KEYS.p256, '-out', 'ca.key');
  openssl('req', '-x509', '-new', '-key', 'ca.key', '-subj', '/CN=Autoridad de prueba', '-days', '3650', '-out', 'ca.pem',
    '-addext', 'keyUsage=critical,keyCertSign,cRLSign');
}

export function makePerson(name, kind, days = 30) {
  openssl('genpkey', ...KEYS[kind], '-out', `${name}.key`);
  openssl('req', '-new', '-utf8', '-key', `${name}.key`, '-subj', `/CN=Íñigo Núñez (${name})/serialNumber=IDCPE-12345678`, '-out', `${name}.csr`);
  writeFileSync(path(`${name}.ext`), 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n');
  openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.ext`,
    '-days', String(days), '-out', `${name}.pem`);
  openssl('x509', '-in', `${name}.pem`, '-outform', 'DER', '-out', `${name}.der`);
}

/** name.p12 of the person with the password; `more` are options of `openssl pkcs12`. */
export function makeFile(file, person, password, ...more) {
  openssl('pkcs12', '-export', '-inkey', `${person}.key`, '-in', `${person}.pem`, '-certfile', 'ca.pem', '-name', 'mi certificado',
    '-passout', `pass:${password}`, '-out', file, ...more);
}

export const bytes = (name) => new Uint8Array(readFileSync(path(name)));

/** A file as NSS (Firefox) writes it. */
export function makeFileByNss(file, source, password) {
  mkdirSync(path(`${file}.db`));
  writeFileSync(path(`${file}.empty`), '\n');
  writeFileSync(path(`${file}.password`), password);
  run('certutil', '-N', '-d', `sql:${file}.db`, '--empty-password');
  run('pk12util', '-i', source, '-d', `sql:${file}.db`, '-w', `${file}.password`, '-K', '');
  run('pk12util', '-o', file, '-n', 'mi certificado', '-d', `sql:${file}.db`, '-w', `${file}.password`, '-K', '');
}

/** A file as Java's keytool writes it. */
export function makeFileByJava(file, source, password) {
  run('keytool', '-importkeystore', '-srckeystore', source, '-srcstoretype', 'PKCS12', '-srcstorepass', password,
    '-destkeystore', file, '-deststoretype', 'PKCS12', '-deststorepass', password, '-noprompt');
}
