import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { getModel, hasModel, modelFolder } from '../../src/models/get-model.js';
import { inspectModel } from '../../src/models/inspect-model.js';
import { verifyFolder } from '../../src/verify/verify.js';
import { moonLab } from '../cli/moon-lab.js';

/** A hub of one repository: the Llama folder, a file of code, and a pickle that nobody may download. */
const folder = 'test/fixtures/llama-folder';
const files = new Map(readdirSync(folder).map((name): [string, Buffer] => [name, readFileSync(join(folder, name))]));
files.set('modeling.py', Buffer.from('raise SystemExit'));
files.set('pytorch_model.bin', Buffer.from('pickle'));

const asked: IncomingMessage[] = [];
/** What the server does instead, by path. */
const faults = new Map<string, (request: IncomingMessage, response: ServerResponse) => boolean>();
const server = createServer((request, response) => {
  asked.push(request);
  const path = new URL(request.url!, 'http://hub').pathname;
  if (faults.get(path)?.(request, response)) return;
  if (path === '/api/models/own/llama/tree/main') {
    const listed = [...files].map(([name, bytes]) => ({
      type: 'file',
      path: name,
      size: bytes.length,
      oid: 'x',
      ...(bytes.length > 50_000
        ? { lfs: { oid: createHash('sha256').update(bytes).digest('hex'), size: bytes.length, pointerSize: 130 } }
        : {}),
    }));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(listed));
    return;
  }
  const bytes = files.get(path.replace('/own/llama/resolve/main/', ''));
  if (!bytes) return void response.writeHead(404).end();
  const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.setHeader('etag', '"one"');
  if (start)
    response.writeHead(206, {
      'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
      'content-length': bytes.length - start,
    });
  else response.writeHead(200, { 'content-length': bytes.length });
  response.end(bytes.subarray(start));
});

let cache: string;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  vi.stubEnv('HF_ENDPOINT', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('HF_TOKEN', 'hf_secret');
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
});
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'moon-models-'));
  asked.length = 0;
  faults.clear();
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

const weights = '/own/llama/resolve/main/model.safetensors';

test('a repository of a hub is downloaded whole, without code or pickles, and is a network that computes as it should', async () => {
  const path = await getModel('own/llama', { cache });
  expect(path).toBe(modelFolder('own/llama', cache));
  expect(readdirSync(path)).not.toContain('modeling.py');
  expect(readdirSync(path)).not.toContain('pytorch_model.bin');
  expect((await verifyFolder(path)).ok).toBe(true);
  expect(asked.every(({ headers }) => headers.authorization === 'Bearer hf_secret')).toBe(true);
  const count = asked.length;
  expect(await getModel('own/llama', { cache })).toBe(path);
  expect(await getModel('own/llama', { cache, revision: 'main' })).toBe(path);
  expect(asked.length).toBe(count);
  await expect(getModel('own/llama', { cache, revision: 'v2' })).rejects.toThrow(
    `revision: got "v2", expected 'main', which is downloaded already. Delete ${path} first.`,
  );
});

test('a download that breaks off resumes where it was, in this call or the next', async () => {
  let cuts = 0;
  faults.set(weights, (request, response) => {
    if (cuts++ > 0) return false;
    const bytes = files.get('model.safetensors')!;
    response.setHeader('etag', '"one"');
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 100_000), () => request.socket.destroy());
    return true;
  });
  const path = await getModel('own/llama', { cache });
  expect(readFileSync(join(path, 'model.safetensors')).equals(files.get('model.safetensors')!)).toBe(true);
  expect(asked.filter(({ url }) => url === weights).map(({ headers }) => headers.range)).toEqual([
    undefined,
    'bytes=100000-',
  ]);
}, 30_000);

test.each([
  [401, 'the hub refuses access (401)'],
  [403, 'set HF_TOKEN'],
  [404, 'no such repository, revision or file'],
])('a hub that answers %d for a file is one sentence, and nothing counts as downloaded', async (status, message) => {
  faults.set(weights, (_, response) => {
    response.writeHead(status).end();
    return true;
  });
  await expect(getModel('own/llama', { cache })).rejects.toThrow(message);
  expect(hasModel('own/llama', cache)).toBe(false);
});

test.each([401, 404, 429])('a hub that answers %d for the list is one sentence', async (status) => {
  faults.set('/api/models/own/llama/tree/main', (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"error": "no"}');
    return true;
  });
  await expect(getModel('own/llama', { cache })).rejects.toThrow(
    { 401: 'refuses access (401)', 404: 'no such repository', 429: 'asks for a pause (429)' }[status],
  );
});

test('a page in place of a file, and a file that is not the listed one, are refused', async () => {
  faults.set(weights, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>Please log in');
    return true;
  });
  await expect(getModel('own/llama', { cache })).rejects.toThrow('the server answered with a web page');
  const path = modelFolder('own/llama', cache);
  expect(existsSync(join(path, 'model.safetensors'))).toBe(false);
}, 60_000);

test('a name that is none is refused before anything is asked', async () => {
  await expect(getModel('llama', { cache })).rejects.toThrow(
    'model: got "llama", expected a known name, or owner/name on a hub.',
  );
  await expect(getModel('../up', { cache })).rejects.toThrow();
  expect(asked).toEqual([]);
});

test('inspection tells family, shapes and parameters of a folder and of a GGUF file', async () => {
  const [ours, gguf] = [await inspectModel(folder), await inspectModel(join(folder, 'tiny.gguf'))];
  expect(ours).toMatchObject({
    family: 'Llama',
    text: { depth: 3, width: 40, heads: 4, keyValueHeads: 2, vocabSize: 296 },
    parameters: { vision: 0, tokens: 296 * 40, head: 296 * 40 },
    types: { F32: 30 },
  });
  expect(gguf).toMatchObject({ family: ours.family, text: ours.text, parameters: ours.parameters, types: { F32: 30 } });
  const parts = await inspectModel('test/fixtures/smolvlm-folder');
  expect(parts.types).toHaveProperty('BF16');
  expect(parts.parameters.vision).toBeGreaterThan(10_000);
  writeFileSync(join(cache, 'config.json'), '{"model_type": "bert"}');
  await expect(inspectModel(cache)).rejects.toThrow('model_type is "bert"');
});

test('the command line gets, lists and inspects', async () => {
  const got = await moonLab('model', 'get', 'own/llama', '--cache', cache, '--json');
  expect(got.code, got.err).toBe(0);
  const { folder: path } = JSON.parse(got.out);
  expect(got.err).toContain('licence see its page');
  const { out } = await moonLab('model', 'inspect', path);
  expect(out).toMatch(/: Llama\nlanguage model: 3 blocks of width 40, 4 heads \(2 for keys and values\), 296 tokens\n/);
  expect((await moonLab('model', 'list')).out).toMatch(/smollm2-135m +93 MB +Apache-2.0/);
  expect((await moonLab('model', 'get', 'none')).err).toContain('moon-lab model get: model: got "none"');
});
