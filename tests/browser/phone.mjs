// SPDX-License-Identifier: EUPL-1.2
// Telephones for tests: a real SMS gateway (Kannel) with its fake centre, and what has reached a number.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from './harness.mjs';
import { SOURCE, until } from './platform.mjs';

export class Phones {
  #folder = mkdtempSync(join(tmpdir(), 'refrenda-sms-'));

  #read = 0;

  #gateway;

  async #run() {
    rmSync(join(this.#folder, 'port'), { force: true });
    this.#gateway = spawn('python3', [join(SOURCE, 'tests/support/kannel.py'), this.#folder], { stdio: 'ignore' });
    await until('the gateway is ready', () => existsSync(join(this.#folder, 'port')));
  }

  /** The gateway is away; `comeBack` starts it again, at the same address. */
  async goAway() {
    const ended = new Promise((done) => this.#gateway.on('exit', done));
    this.#gateway.kill('SIGTERM');
    await ended;
  }

  async comeBack() {
    await this.#run();
  }

  /** Starts the gateway; the section of refrenda.yaml that names it. */
  async start() {
    atEnd(() => {
      this.#gateway?.kill('SIGTERM');
      rmSync(this.#folder, { recursive: true, force: true });
    });
    process.on('exit', () => this.#gateway?.kill('SIGTERM'));
    await this.#run();
    const password = join(this.#folder, 'password');
    writeFileSync(password, 'secreto\n', { mode: 0o644 });
    const port = readFileSync(join(this.#folder, 'port'), 'utf8').trim();
    return `sms:\n  gateway: "http://127.0.0.1:${port}/cgi-bin/sendsms"\n  user: "refrenda"\n  password_file: "${password}"\n  from: "REFRENDA"\n`;
  }

  #messages() {
    const names = readdirSync(this.#folder).filter((name) => name.endsWith('.sms')).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
    return names.map((name) => {
      const [, to, ...text] = readFileSync(join(this.#folder, name), 'utf8').split('\n');
      return { to, text: text.join('\n') };
    });
  }

  /** From now on. */
  forget() {
    this.#read = this.#messages().length;
  }

  /** What has reached this number (its end) since the last look, as {code, text}. `stays`: the next look begins where this one did. */
  async sms(to = '', { stays = false } = {}) {
    return until(`an SMS to ${to}`, () => {
      const all = this.#messages();
      const at = all.findIndex((one, number) => number >= this.#read && one.to.endsWith(to));
      if (at < 0) return null;
      if (!stays) this.#read = at + 1;
      return { text: all[at].text, code: /\b\d{6}\b/.exec(all[at].text)[0] };
    });
  }
}
