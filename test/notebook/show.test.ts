import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { reportPage } from '../../src/figures/page/page.js';
import { lossCurve } from '../../src/figures/plots/loss-curve.js';
import { retrievalTable } from '../../src/figures/plots/metric-table.js';
import { evil, pixel } from '../figures/samples.js';
import { type Sent, startFakeKernel, stopFakeKernel } from './fake-kernel.js';

const curve = (name: string) => lossCurve([{ name, steps: [0, 1], values: [2, 1] }], { title: name });
const table = retrievalTable([{ name: evil, n: 3, chance: 0.1, metrics: {} }]);

/** A fresh copy of the module: whether plotly is in the notebook is remembered per kernel. */
async function freshShow() {
  vi.resetModules();
  return import('../../src/notebook/show.js');
}

describe('in a notebook', () => {
  let sent: Sent[];
  beforeEach(() => {
    sent = startFakeKernel();
    vi.stubEnv('MOON_PICTURES', 'none');
  });
  afterEach(() => {
    stopFakeKernel();
    vi.unstubAllEnvs();
  });

  it('plotly goes in once, as an output of its own before the first figure', async () => {
    const { show } = await freshShow();
    show(table);
    show(curve('a'));
    show(curve('b'));
    const sizes = sent.map(({ data }) => data['text/html'].length > 1_000_000);
    expect(sizes).toEqual([false, true, false, false]);
  });

  it('an update replaces the output in place', async () => {
    const { showLive } = await freshShow();
    const live = showLive(curve('a'));
    live.update(curve('b'));
    const [, first, second] = sent;
    expect([first.update, second.update]).toEqual([false, true]);
    expect(second.id).toBe(first.id);
    expect(second.data['text/plain']).toBe('b - n = 2 measured steps');
  });

  it('every output has a plain text for previews that draw nothing', async () => {
    const { show } = await freshShow();
    show(table);
    expect(sent[0].data['text/plain']).toBe(table.text);
    expect(sent[0].data['text/html']).not.toContain('<script>alert');
  });

  it('a picture is shown as its own pixels, with its name', async () => {
    const { show } = await freshShow();
    show({ uri: pixel, width: 8, height: 4, label: evil });
    expect(sent[0].data['image/png']).toBe(pixel.split(',')[1]);
    expect(sent[0].data['text/html']).toContain(`<img src="${pixel}" alt="&lt;script&gt;`);
    expect(sent[0].data['text/plain']).toBe(`${evil}, 8 x 4 pixels`);
    expect(() => show({ uri: 'https://example.org/a.png', width: 1, height: 1, label: 'a' })).toThrow(
      /expected a data URI/,
    );
  });

  it('a figure has a static picture beside it, at its first and last showing', { tags: ['browser'] }, async () => {
    vi.unstubAllEnvs();
    const { showLive } = await freshShow();
    const live = showLive(curve('a'));
    live.update(curve('b'));
    live.end(curve('c'));
    const [, first, second, last] = sent.map(({ data }) => data['image/png']);
    expect(second).toBeUndefined();
    for (const png of [first, last]) {
      const { width, height } = await sharp(Buffer.from(png, 'base64')).metadata();
      expect([width, height]).toEqual([900, 380]);
    }
    expect(sent[3].update).toBe(true);
  });

  it('a whole page gets a frame of its own', async () => {
    const { show } = await freshShow();
    show(reportPage('Report', [{ heading: 'One' }]));
    expect(sent[0].data['text/html']).toMatch(/^<iframe srcdoc="&lt;!doctype html&gt;/);
  });
});

describe('outside a notebook', () => {
  const home = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'moon-show-'));
  beforeEach(() => process.chdir(folder));
  afterEach(() => {
    process.chdir(home);
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  it('a file is written and its path printed; an update writes it again', async () => {
    const said = vi.spyOn(console, 'log').mockImplementation(() => {});
    const { showLive } = await freshShow();
    const live = showLive(table);
    const line = said.mock.calls[0][0] as string;
    expect(line).toBe(`Retrieval: ${join('runs', 'shown', '1.html')}`);
    const path = join(folder, 'runs', 'shown', '1.html');
    expect(readFileSync(path, 'utf8')).toContain(table.html);
    live.update('<p>later</p>');
    expect(readFileSync(path, 'utf8')).toContain('<p>later</p>');
  });
});
