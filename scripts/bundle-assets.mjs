// SPDX-License-Identifier: EUPL-1.2
// Bundles assets/ into assets/build/ and writes its manifest (assets/README.md). Called by scripts/build-assets.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { build } from 'esbuild';

const SOURCE = 'assets';
const TARGET = join(SOURCE, 'build');
const WORK = join(SOURCE, 'build.new');
const NOT_SERVED = new Set(['build', 'build.new', 'script', 'style.css', 'README.md']);
const BROWSERS = ['chrome100', 'firefox102', 'safari15.4'];
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};
const common = { bundle: true, minify: true, legalComments: 'none', charset: 'utf8', target: BROWSERS, logLevel: 'error', outdir: WORK };

/** Modules in pieces that are loaded when needed; the worker is a program of its own. */
async function scripts() {
  const entryPoints = ['main.js', 'proof-worker.js'].map((name) => join(SOURCE, 'script', name));
  await build({ ...common, entryPoints, format: 'esm', splitting: true, chunkNames: '[name]-[hash]', entryNames: '[name]' });
}

async function styles() {
  const sheet = join(SOURCE, 'style.css');
  if (!existsSync(sheet)) return;
  await build({ ...common, entryPoints: [sheet], entryNames: '[name]', external: ['*.svg', '*.png', '*.woff2', '*.webp'] });
}

function pictures() {
  for (const name of readdirSync(SOURCE)) {
    if (!NOT_SERVED.has(name) && !name.startsWith('.')) cpSync(join(SOURCE, name), join(WORK, name), { recursive: true });
  }
}

/** Every file below the folder, sorted by path. */
function filesOf(folder, prefix = '') {
  return readdirSync(folder).sort().flatMap((name) =>
    statSync(join(folder, name)).isDirectory() ? filesOf(join(folder, name), `${prefix}${name}/`) : [`${prefix}${name}`]);
}

function describe(path) {
  const type = TYPES[extname(path)];
  if (!type) throw new Error(`assets/${path}: of no known type`);
  const octets = readFileSync(join(WORK, path));
  return { path, type, size: octets.length, sha256: createHash('sha256').update(octets).digest('hex') };
}

rmSync(WORK, { recursive: true, force: true });
mkdirSync(WORK);
await Promise.all([scripts(), styles()]);
pictures();
const files = filesOf(WORK).map(describe);
const version = createHash('sha256').update(files.map((file) => `${file.path} ${file.sha256}\n`).join('')).digest('hex').slice(0, 16);
writeFileSync(join(WORK, 'manifest.json'), `${JSON.stringify({ version, script: 'main.js', style: 'style.css', files }, null, 1)}\n`);
rmSync(TARGET, { recursive: true, force: true });
renameSync(WORK, TARGET);
