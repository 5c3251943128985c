// SPDX-License-Identifier: EUPL-1.2
// Serves pages of tests/browser/pages with the bundled modules of assets/build under the platform's own content policy, and plays
// the server's part: so that the modules are tested by themselves.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ASSETS = fileURLToPath(new URL('../../assets/build/', import.meta.url));
// As http_response_page() of src/http/response.c has it.
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml' };

function bodyOf(request) {
  return new Promise((resolve) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => resolve(Buffer.concat(parts)));
  });
}

async function file(path) {
  const folder = path.startsWith('/a/') ? ASSETS : join(HERE, 'pages');
  const name = normalize(path.startsWith('/a/') ? path.slice(3) : path.slice(1));
  if (name.startsWith('..')) throw new Error('outside');
  return { body: await readFile(join(folder, name)), type: TYPES[name.split('.').pop()] ?? 'application/octet-stream' };
}

/** `answers`: {"POST /address": (fields, body) => what is sent as JSON, text as a page, or {octets, type, headers}}. `received`:
 * all that came. */
export async function serve(answers) {
  const received = [];
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const path = new URL(request.url, 'http://x').pathname;
    received.push({ method: request.method, url: request.url, headers: request.headers, body });
    response.setHeader('Content-Security-Policy', POLICY);
    const answer = answers[`${request.method} ${path}`];
    try {
      if (answer) {
        const said = await answer(new URLSearchParams(body.toString()), body);
        if (said?.octets) {
          for (const [name, value] of Object.entries(said.headers ?? {})) response.setHeader(name, value);
          response.setHeader('Content-Type', said.type);
          response.end(said.octets);
          return;
        }
        const isText = typeof said === 'string';
        response.setHeader('Content-Type', isText ? TYPES.html : 'application/json');
        response.end(isText ? said : JSON.stringify(said));
        return;
      }
      const { body: content, type } = await file(path);
      response.setHeader('Content-Type', type);
      response.setHeader('Cross-Origin-Resource-Policy', path.startsWith('/a/frame/') ? 'cross-origin' : 'same-origin');
      response.end(content);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://localhost:${server.address().port}`, received, close: () => new Promise((resolve) => server.close(resolve)) };
}
