// SPDX-License-Identifier: EUPL-1.2
// A platform of one's own for a test: a key ceremony and the invented administration in a temporary folder, a real refrendad on
// loopback, everything gone at the end.
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atEnd } from './harness.mjs';

export const SOURCE = fileURLToPath(new URL('../..', import.meta.url));
const BUILD = resolve(process.env.BUILD ?? join(SOURCE, 'build'));
const PATIENCE = 120_000;
const AGENT = ['c=PE', 'o=Entidad Inventada de Demostración', 'title=Agente de certificación']; // what that profile wants besides

/** Ports that no other test gets. */
export function freePorts(count) {
  return execFileSync('python3', [join(SOURCE, 'tests/support/free_ports.py'), String(count)]).toString().trim().split(' ').map(Number);
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Waits until `work` gives something; fails with `what`. */
export async function until(what, work, patience = PATIENCE) {
  for (const end = Date.now() + patience; Date.now() < end; await pause(50)) {
    const result = await work();
    if (result) return result;
  }
  throw new Error(`never: ${what}`);
}

class Platform {
  constructor(folder) {
    this.folder = folder;
    this.home = join(folder, 'home');
    this.log = join(folder, 'log');
    this.environment = { ...process.env, REFRENDA_PACKS: join(SOURCE, 'packs'), LANGUAGE: 'en' };
  }

  /** Runs the command `refrenda`. */
  refrenda(...parameters) {
    return execFileSync(join(BUILD, 'refrenda'), parameters, { cwd: this.folder, env: this.environment, stdio: ['ignore', 'pipe', 'pipe'] }).toString();
  }

  make(settings, certificates, host, enrolled) {
    const [status, registration, metrics, pages, people] = freePorts(5);
    const plan = readFileSync(join(SOURCE, 'packs/plans/demo.yaml'), 'utf8')
      .replaceAll('127.0.0.1:8089', `127.0.0.1:${status}`)
      .replaceAll('127.0.0.1:8090', `127.0.0.1:${registration}`)
      .replaceAll('127.0.0.1:8091', `127.0.0.1:${metrics}`);
    writeFileSync(join(this.folder, 'plan.yaml'), plan);
    this.refrenda('ca', 'init', '--plan', 'plan.yaml', '--home', this.home, '--root', join(this.folder, 'root'), '--quiet');
    this.port = pages;
    this.certificatePort = people;
    this.url = `http://${host}:${this.port}`;
    this.certificateUrl = `https://localhost:${this.certificatePort}`;
    this.metrics = `http://127.0.0.1:${metrics}`;
    this.status = `http://127.0.0.1:${status}`;
    const agent = ['--p12', join(this.home, 'agente.p12'), '--pass-file', join(this.home, 'agente.password')];
    this.refrenda('demo', 'fill', '--home', this.home, ...(enrolled ? agent : []));
    const tls = certificates ? this.#tls() : '';
    appendFileSync(join(this.home, 'refrenda.yaml'), `web:\n  listen: ["127.0.0.1:${this.port}"]\n  url: "${this.url}"\n  demo: true\n${tls}${settings}`);
  }

  /** The listener that asks for certificates, with the certificate that the ceremony made for localhost. */
  #tls() {
    const authorities = ['raiz.pem', 'emisora-1.pem'].map((name) => readFileSync(join(this.home, 'public', name)));
    writeFileSync(join(this.home, 'tls', 'people.pem'), Buffer.concat(authorities));
    return `  certificate_listen: ["127.0.0.1:${this.certificatePort}"]\n  certificate: "tls/registration.pem"\n  key: "tls/registration.key"\n  clients: "tls/people.pem"\n`;
  }

  /** Changes the database while no server runs: to make time pass. */
  sql(statement) {
    const program = 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute(sys.argv[2]); d.commit()';
    execFileSync('python3', ['-c', program, join(this.home, 'data', 'refrenda.db'), statement]);
  }

  revoke(serial) {
    this.refrenda('ca', 'revoke', '--home', this.home, serial, '--reason', 'keyCompromise', '--yes', '--quiet');
  }

  async start() {
    const out = openSync(this.log, 'a');
    this.server = spawn(join(BUILD, 'refrendad'), ['--home', this.home, '--log', 'text'], { env: this.environment, stdio: ['ignore', out, out] });
    this.ended = new Promise((done) => this.server.on('exit', done));
    process.on('exit', () => this.server.kill('SIGTERM')); // also when a test file breaks off
    await until('the server is ready', async () => {
      if (this.server.exitCode !== null) throw new Error(`the server ended: ${this.said()}`);
      const good = (address) => fetch(address, { redirect: 'manual' }).then((answer) => answer.status < 500, () => false);
      return (await good(`${this.metrics}/health/ready`)) && (await good(`${this.status}/health/ready`)) && good(`${this.url}/acceso`);
    });
  }

  async stop() {
    this.server.kill('SIGTERM');
    await Promise.race([this.ended, pause(60_000)]);
    if (this.server.exitCode === null) this.server.kill('SIGKILL');
  }

  /** The last that the server wrote. */
  said() {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8').slice(-3000) : '';
  }

  /** The account of the demonstration whose title or person begins so: {code, password, title}. */
  account(beginning) {
    const [, ...lines] = readFileSync(join(this.home, 'demo-accounts.csv'), 'utf8').trim().split('\n');
    const all = lines.map((line) => {
      const [code, password, ...title] = line.split(',');
      return { code, password, title: title.join(',').replaceAll('"', '') };
    });
    const found = all.find(({ title }) => title.startsWith(beginning) || title.includes(`: ${beginning}`));
    if (!found) throw new Error(`no account "${beginning}" among ${all.map(({ title }) => title).join('; ')}`);
    return found;
  }

  /** A person's certificate as a .p12, issued with the approval of the first agent. */
  issue(file, { given, surname, number, profile = 'pe-natural-person', key = 'P-256', password }) {
    writeFileSync(join(this.folder, 'password'), `${password}\n`);
    const target = join(this.folder, file);
    const attributes = [...(profile === 'agent' ? AGENT : []), `givenName=${given}`, `sn=${surname}`, `serialNumber=IDCPE-${number}`, `cn=${given} ${surname} (DEMO)`];
    this.refrenda('ca', 'issue', '--home', this.home, '--profile', profile, ...attributes.flatMap((one) => ['--attribute', one]),
      '--mail', 'alguien@valdehierro.example', '--new-key', key, '--new-pass-file', join(this.folder, 'password'),
      '--p12', join(this.home, 'agente.p12'), '--pass-file', join(this.home, 'agente.password'), '-o', target);
    return target;
  }
}

/** An identity service (tests/support/identity_service.py) that ends with the tests: lines of refrenda.yaml for it. */
export async function startIdentityService() {
  const folder = mkdtempSync(join(tmpdir(), 'refrenda-identity-'));
  const program = spawn(join(SOURCE, 'tests/support/identity_service.py'), [folder], { stdio: 'ignore' });
  process.on('exit', () => program.kill('SIGTERM'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const port = await until('the identity service is ready', () => existsSync(join(folder, 'port')) && readFileSync(join(folder, 'port'), 'utf8'));
  writeFileSync(join(folder, 'token'), 't0ken\n');
  return `requests:\n  identity_service: "http://127.0.0.1:${port}/personas"\n  identity_token: "${join(folder, 'token')}"\n`;
}

/**
 * A running platform; it ends with the tests. `settings`: more lines of refrenda.yaml, of its section "web" first;
 * `certificates`: with the listener for people's TLS certificates; `prepare` is called before the server starts;
 * `enrolled`: somebody may make a central certificate, as the agent approved already.
 * `host`: two platforms of one test must not have the same, as cookies know no ports.
 */
export async function startPlatform({ settings = '', certificates = false, enrolled = false, host = 'localhost', prepare = () => {} } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'refrenda-browser-'));
  const platform = new Platform(folder);
  atEnd(async () => {
    if (platform.server) await platform.stop();
    if (process.env.KEEP) console.log(`# kept: ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  });
  platform.make(settings, certificates, host, enrolled);
  prepare(platform);
  await platform.start();
  return platform;
}
