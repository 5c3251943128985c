// SPDX-License-Identifier: EUPL-1.2
// Bundles assets/ into assets/build/ and writes its manifest (assets/README.md). Called by scripts/build-assets.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { build } from 'esbuild';

const SOURCE = 'assets';
const TARGET = join(SOURCE, 'build');
const WORK = join(SOURCE, 'build.new');
const NOT_SERVED = new Set(['build', 'build.new', 'frame', 'script', 'style.css', 'README.md']);
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

/** pdf.js' worker as a text: a sandboxed frame may not load programs of ours as workers, but may make one of a text. */
const workerText = {
  name: 'pdf-worker-text',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^pdf-worker-text$/ }, ({ path }) => ({ path, namespace: 'worker' }));
    onLoad({ filter: /.*/, namespace: 'worker' }, async () => {
      const entryPoints = ['node_modules/pdfjs-dist/legacy/build/pdf.worker.mjs'];
      const made = await build({ ...common, outdir: undefined, entryPoints, format: 'iife', write: false, logOverride: { 'empty-import-meta': 'silent' } });
      return { contents: made.outputFiles[0].text, loader: 'text' };
    });
  },
};

/** Programs that run in frames of their own, each in one piece: they cannot load another. */
async function frames() {
  const entryPoints = ['viewer.js', 'viewer.css'].map((name) => join(SOURCE, 'frame', name));
  const banner = { js: '/*! With pdf.js, Copyright Mozilla Foundation, Apache License 2.0 */' };
  await build({ ...common, entryPoints, outdir: join(WORK, 'frame'), format: 'iife', entryNames: '[name]', plugins: [workerText], banner, logOverride: { 'empty-import-meta': 'silent' } });
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
await Promise.all([scripts(), frames(), styles()]);
pictures();
const files = filesOf(WORK).map(describe);
const version = createHash('sha256').update(files.map((file) => `${file.path} ${file.sha256}\n`).join('')).digest('hex').slice(0, 16);
writeFileSync(join(WORK, 'manifest.json'), `${JSON.stringify({ version, script: 'main.js', style: 'style.css', files }, null, 1)}\n`);
rmSync(TARGET, { recursive: true, force: true });
renameSync(WORK, TARGET);
