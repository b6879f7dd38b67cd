import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FetchOptions, fetchImages } from '../../../src/data/images/fetch-images.js';
import { cachedImage, isRemote } from '../../../src/data/images/remote-image.js';
import { openCatalogue } from '../../../src/datasets/open.js';
import { randomStream } from '../../../src/engine/random.js';
import { imageSize } from '../../../src/pictures/image.js';
import { moonLab } from '../../cli/moon-lab.js';
import { dataFolder } from '../data-folder.js';

const png = readFileSync(new URL('../../fixtures/images/colours.png', import.meta.url));
const stream = randomStream(1, 'fetch-test');
/** A PNG's head and then noise: large enough to be cut in pieces. */
const large = Buffer.concat([png, Buffer.from(Array.from({ length: 400_000 }, () => stream.integer(256)))]);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** The bad server: what it does is in the path; `asked` counts by path. */
const asked = new Map<string, IncomingMessage[]>();
const routes: Record<string, (request: IncomingMessage, response: ServerResponse, nth: number) => void> = {
  '/good': (_, response) => send(response, png),
  '/late': (_, response, nth) =>
    nth <= 2 ? response.writeHead(503, { 'retry-after': '0' }).end() : send(response, png),
  '/never': (_, response) => response.writeHead(500).end('broken'),
  '/missing': (_, response) => response.writeHead(404).end('none'),
  '/page': (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please log in</html>'),
  '/page-as-image': (_, response) =>
    response.writeHead(200, { 'content-type': 'image/png' }).end('<html>log in</html>'),
  '/image-as-page': (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(png),
  '/empty': (_, response) => response.writeHead(200, { 'content-length': '0' }).end(),
  '/large': (_, response) => send(response, large),
  '/large-unannounced': (_, response) => {
    response.writeHead(200); // chunked: no content-length
    for (let at = 0; at < large.length; at += 50_000) response.write(large.subarray(at, at + 50_000));
    response.end();
  },
  '/hop': (_, response) => response.writeHead(302, { location: '/good' }).end(),
  '/loop': (_, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/to-file': (_, response) => response.writeHead(302, { location: 'file:///etc/hostname' }).end(),
  '/silent': () => {},
  '/cut': (request, response, nth) => {
    // First answer: half the bytes, then the line is cut. Later ones give what is asked for.
    response.setHeader('etag', '"one"');
    if (nth > 1) sendRange(request, response);
    else cutOff(response);
  },
  '/cut-and-changed': (_, response, nth) => {
    response.setHeader('etag', `"${nth}"`);
    if (nth > 1)
      send(response, png); // If-Range does not match: the whole new image
    else cutOff(response);
  },
};

function send(response: ServerResponse, bytes: Buffer): void {
  response.writeHead(200, { 'content-length': bytes.length, 'content-type': 'image/png' }).end(bytes);
}

function cutOff(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': large.length });
  response.write(large.subarray(0, 200_000), () => setTimeout(() => response.destroy(), 50));
}

function sendRange(request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1]);
  if (!from || request.headers['if-range'] !== '"one"')
    throw new Error('expected a range of the image with ETag "one"');
  const headers = { 'content-range': `bytes ${from}-${large.length - 1}/${large.length}` };
  response.writeHead(206, { ...headers, 'content-length': large.length - from }).end(large.subarray(from));
}

let base: string;
const server = createServer((request, response) => {
  const path = new URL(request.url ?? '', 'http://localhost').pathname;
  const before = asked.get(path) ?? [];
  asked.set(path, [...before, request]);
  (routes[path] ?? routes['/missing'])(request, response, before.length + 1);
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

let root: string;
beforeEach(() => {
  asked.clear();
  root = dataFolder({});
});

const quick: FetchOptions = { backoffMs: 1, idleMs: 500, retries: 3 };
const rows = (...urls: string[]) => urls.map((url, index) => ({ url, file: 'items.jsonl', line: index + 1 }));
/** By hash: comparing large buffers item by item takes seconds. */
const hashOf = (url: string) => sha256(readFileSync(join(root, cachedImage(url))));
const reasonOf = async (url: string, options: FetchOptions = {}) => {
  const { failed, downloaded } = await fetchImages(root, rows(url), { ...quick, ...options });
  expect(downloaded).toBe(failed.length ? 0 : 1);
  expect(existsSync(join(root, cachedImage(url)))).toBe(failed.length === 0);
  return failed[0]?.reason ?? 'none';
};

describe('fetchImages', () => {
  it('keeps the bytes that the server has, notes their hash, and asks no second time', async () => {
    const urls = [`${base}/good`, `${base}/hop`, `${base}/large`, `${base}/image-as-page`];
    const first = await fetchImages(root, rows(...urls), quick);
    expect(first).toEqual({ urls: 4, downloaded: 4, cached: 0, bytes: 3 * png.length + large.length, failed: [] });
    expect(hashOf(urls[1])).toBe(sha256(png));
    expect(hashOf(urls[2])).toBe(sha256(large));
    const index = JSON.parse(readFileSync(join(root, '.moon/images/index.json'), 'utf8'));
    const entry = index[cachedImage(urls[2]).slice('.moon/images/'.length)];
    expect(entry).toEqual({ url: urls[2], bytes: large.length, sha256: sha256(large), format: 'png' });
    asked.clear();
    expect(await fetchImages(root, rows(...urls), quick)).toMatchObject({ downloaded: 0, cached: 4, bytes: 0 });
    expect(asked.size).toBe(0);
  });

  it('finds what an interrupted call had downloaded but not yet noted', async () => {
    const url = `${base}/good`;
    await fetchImages(root, rows(url), quick);
    writeFileSync(join(root, '.moon/images/index.json'), '{"half');
    expect(await fetchImages(root, rows(url), quick)).toMatchObject({ downloaded: 0, cached: 1 });
    expect(readFileSync(join(root, '.moon/images/index.json'), 'utf8')).toContain(sha256(png));
  });

  it('asks once for a URL that many rows name, and reports each of them when it fails', async () => {
    const report = await fetchImages(root, rows(`${base}/missing`, `${base}/good`, `${base}/missing`), quick);
    expect(report).toMatchObject({ urls: 2, downloaded: 1 });
    expect(report.failed.map(({ line, reason }) => [line, reason])).toEqual([
      [1, 'status 404'],
      [3, 'status 404'],
    ]);
    expect(asked.get('/missing')).toHaveLength(1);
  });

  it('tries again after a 5xx, a given number of times, and not after a 404', async () => {
    expect(await reasonOf(`${base}/late`)).toBe('none');
    expect(asked.get('/late')).toHaveLength(3);
    expect(await reasonOf(`${base}/never`)).toBe('status 500');
    expect(asked.get('/never')).toHaveLength(4);
  });

  it('continues a cut download where it stopped', async () => {
    expect(await reasonOf(`${base}/cut`)).toBe('none');
    const [, second] = asked.get('/cut') ?? [];
    expect(second.headers.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(hashOf(`${base}/cut`)).toBe(sha256(large));
  });

  it('continues in a later call what an earlier one left', async () => {
    expect(await reasonOf(`${base}/cut`, { retries: 0 })).toMatch(/connection failed/);
    expect(await reasonOf(`${base}/cut`, { retries: 0 })).toBe('none');
    expect(asked.get('/cut')?.[1].headers.range).toBeDefined();
    expect(hashOf(`${base}/cut`)).toBe(sha256(large));
  });

  it('begins again when the image changed in between', async () => {
    expect(await reasonOf(`${base}/cut-and-changed`)).toBe('none');
    expect(hashOf(`${base}/cut-and-changed`)).toBe(sha256(png));
  });

  it('refuses what is no image, whatever it is called, and leaves nothing of it', async () => {
    expect(await reasonOf(`${base}/page`)).toMatch('not an image (the server calls it text/html)');
    expect(await reasonOf(`${base}/page-as-image`)).toMatch('not an image');
    expect(await reasonOf(`${base}/empty`)).toMatch('not an image');
    expect(readdirSync(join(root, '.moon/images'))).toEqual(['index.json']);
  });

  it('refuses what is too large, announced or not, and leaves nothing of it', async () => {
    expect(await reasonOf(`${base}/large`, { maxBytes: 100_000 })).toMatch(`${large.length} bytes or more`);
    expect(await reasonOf(`${base}/large-unannounced`, { maxBytes: 100_000 })).toMatch('the limit is 100000');
    expect(readdirSync(join(root, '.moon/images'))).toEqual(['index.json']);
  });

  it('does not wait for a silent server, nor run in circles', async () => {
    expect(await reasonOf(`${base}/silent`, { idleMs: 100, retries: 1 })).toBe('no data arrived for too long');
    expect(await reasonOf(`${base}/silent`, { attemptMs: 100, retries: 0 })).toBe('the server was too slow');
    expect(await reasonOf(`${base}/loop`)).toBe('more than 5 redirects');
    expect(asked.get('/loop')).toHaveLength(6);
    expect(await reasonOf('http://127.0.0.1:1/closed.png', { retries: 1 })).toMatch(/connection failed/);
  });

  it('reads http and https only', async () => {
    expect(await reasonOf('file:///etc/hostname')).toMatch('file: is refused');
    expect(await reasonOf('data:image/png;base64,AAAA')).toMatch('data: is refused');
    expect(await reasonOf('../../etc/passwd')).toBe('not a URL');
    expect(await reasonOf(`${base}/to-file`)).toMatch('redirected to file: is refused');
    expect(await reasonOf('http://name:word@127.0.0.1/a.png')).toMatch('name and password');
  });

  it('writes nowhere else: not through names in the URL, nor through links laid in its way', async () => {
    expect(cachedImage(`${base}/../../../x`)).toMatch(/^\.moon\/images\/[0-9a-f]{64}$/);
    const elsewhere = dataFolder({ victim: 'mine' });
    const victim = join(elsewhere, 'victim');
    await fetchImages(root, [], quick);
    const url = `${base}/good`;
    symlinkSync(victim, join(root, `${cachedImage(url)}.part`));
    await expect(fetchImages(root, rows(url), quick)).rejects.toThrow(/cannot be written \(ELOOP\)/);
    expect(readFileSync(victim, 'utf8')).toBe('mine');
    expect(lstatSync(join(root, '.moon/images')).isDirectory()).toBe(true);

    // Nor does it send a file's content to a server, as the ETag of a part.
    const leaky = dataFolder({ secret: '"secret"' });
    await fetchImages(leaky, [], quick);
    writeFileSync(join(leaky, `${cachedImage(url)}.part`), 'part');
    symlinkSync(join(leaky, 'secret'), join(leaky, `${cachedImage(url)}.etag`));
    await fetchImages(leaky, rows(url), quick);
    expect(asked.get('/good')?.at(-1)?.headers).not.toHaveProperty('if-range');

    const linked = dataFolder({});
    symlinkSync(elsewhere, join(linked, '.moon'));
    await expect(fetchImages(linked, rows(url), quick)).rejects.toThrow(/not a plain folder/);
    expect(readdirSync(elsewhere)).toEqual(['victim']);
  });

  it('lets one process at a time into a folder, and takes over from one that has ended', async () => {
    const lock = join(root, '.moon/images/lock');
    await fetchImages(root, [], quick);
    writeFileSync(lock, String(process.ppid));
    await expect(fetchImages(root, [], quick)).rejects.toThrow(`process ${process.ppid} is writing to this folder`);
    writeFileSync(lock, '999999999');
    await fetchImages(root, [], quick);
    expect(existsSync(lock)).toBe(false);
  });

  it('runs as many downloads at once as asked', async () => {
    let open = 0;
    let max = 0;
    routes['/slow'] = (_, response) => {
      max = Math.max(max, ++open);
      setTimeout(() => {
        open--;
        send(response, png);
      }, 30);
    };
    const urls = Array.from({ length: 20 }, (_, n) => `${base}/slow?${n}`);
    const seen: number[] = [];
    const report = await fetchImages(root, rows(...urls), {
      ...quick,
      concurrency: 4,
      onProgress: (n) => seen.push(n),
    });
    expect(report.downloaded).toBe(20);
    expect(max).toBe(4);
    expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  });
});

describe('data fetch', () => {
  it('fetches what the rows of a folder name, and the data are then read with their images', async () => {
    const row = (id: string, image: string) => `${JSON.stringify({ id, doc_title: id, doc_image: image })}\n`;
    const items = row('a', `${base}/good`) + row('b', `${base}/missing`) + row('c', 'file:///etc/hostname');
    writeFileSync(join(root, 'items.jsonl'), items);
    expect((await openCatalogue(root)).products.flatMap(({ images }) => images)).toEqual([]);

    const { code, out } = await moonLab('data', 'fetch', root, '--json', '--concurrency', '2', '--max-mb', '1');
    const report = JSON.parse(out);
    expect(code).toBe(1);
    expect(report).toMatchObject({ urls: 2, downloaded: 1, cached: 0, bytes: png.length });
    expect(report.failed).toEqual([{ url: `${base}/missing`, file: 'items.jsonl', line: 2, reason: 'status 404' }]);

    const { products } = await openCatalogue(root);
    const [image] = products[0].images;
    expect(image.id).toBe(cachedImage(`${base}/good`));
    expect(await imageSize(image.source)).toEqual({ width: 24, height: 16 });
    expect(products[1].images).toEqual([]);
  });
});

describe('isRemote', () => {
  it('knows web addresses from file names', () => {
    expect(['http://a/b', 'HTTPS://a'].map(isRemote)).toEqual([true, true]);
    expect(['images/a.jpg', 'file:///a', 'http.jpg', '//a/b', ''].map(isRemote)).toEqual(Array(5).fill(false));
  });
});
