import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { figureHtml, figureLoader } from '../../src/figures/page/browser.js';
import { escapeText } from '../../src/figures/page/escape.js';
import { reportPage } from '../../src/figures/page/page.js';
import { lossCurve } from '../../src/figures/plots/loss-curve.js';
import { type CellOutput, cellErrors, savedNotebook } from '../../src/notebook/saved-outputs.js';
import { evil } from '../figures/samples.js';
import { runCells } from './kernel-cells.js';

const notebookOf = (outputs: CellOutput[]) => ({
  cells: [
    { cell_type: 'code' as const, metadata: { execution: { 'iopub.status.idle': 'now' }, tags: ['a'] }, outputs },
  ],
  metadata: {},
});
const display = (data: Record<string, string>): CellOutput => ({ output_type: 'display_data', data });

describe('savedNotebook', () => {
  const figure = lossCurve([{ name: evil, steps: [0, 1], values: [2, 1] }], { title: evil });
  const html = figureHtml(figure, 'moon-1');
  const said: CellOutput = { output_type: 'stream', name: 'stdout', text: 'said' };

  it('keeps the picture of a figure, with the same pixels, and neither its HTML nor plotly', async () => {
    const drawn = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#0072b2' } })
      .png()
      .toBuffer();
    const { cells } = await savedNotebook(
      notebookOf([
        display({ 'text/html': figureLoader(), 'text/plain': '' }),
        display({ 'text/html': html, 'image/png': drawn.toString('base64'), 'text/plain': 'curve' }),
      ]),
    );
    const [{ data, ...rest }, ...others] = cells[0].outputs!;
    expect([rest, others]).toEqual([{ output_type: 'display_data' }, []]);
    expect(Object.keys(data!).sort()).toEqual(['image/png', 'text/plain']);
    const raw = (png: Buffer) => sharp(png).removeAlpha().raw().toBuffer();
    expect(await raw(Buffer.from(data!['image/png'] as string, 'base64'))).toEqual(await raw(drawn));
  });

  it('keeps text, tables and photos, and of a page its name; bars and times go', async () => {
    const table = display({ 'text/html': '<table></table>', 'text/plain': 'table' });
    const page = `<iframe srcdoc="${escapeText(reportPage('R', [{ heading: 'One', figure }]))}"></iframe>`;
    const { cells } = await savedNotebook(
      notebookOf([
        { ...said, text: 'sa' },
        { ...said, text: ['i', 'd'] },
        table,
        display({ 'text/html': '<img>', 'image/jpeg': 'photo', 'text/plain': 'x' }),
        display({ 'text/html': '<div class="moon-progress">12/12</div>', 'text/plain': '12/12' }),
        display({ 'text/html': page, 'text/plain': 'Page' }),
      ]),
    );
    expect(cells[0].outputs).toEqual([
      said,
      table,
      display({ 'image/jpeg': 'photo', 'text/plain': 'x' }),
      display({ 'text/plain': 'Page' }),
    ]);
    expect(cells[0].metadata).toEqual({ tags: ['a'] });
  });

  it('refuses a figure without a picture', async () => {
    await expect(savedNotebook(notebookOf([said, display({ 'text/html': html })]))).rejects.toThrow('install Chromium');
  });
});

describe('cellErrors', { tags: ['built'], timeout: 300_000 }, () => {
  it('finds what the kernel says of types, of syntax and of what was thrown, and nothing else', () => {
    const cells = [
      `console.log('an error is no error on stdout'); console.warn('mind the gap')`,
      'const wrong: number = "text"',
      'let = ;',
      `throw new TypeError('thrown')`,
      `await Promise.reject(new RangeError('rejected'))`,
      `import { UserError } from 'moon-lab'; throw new UserError('region.kind: got 1')`,
    ];
    const executed = runCells(cells).map(({ outputs }) => ({
      cell_type: 'code' as const,
      metadata: {},
      outputs: outputs.map(({ stream, text }): CellOutput => ({ output_type: 'stream', name: stream, text })),
    }));
    const found = cellErrors({ cells: executed, metadata: {} });
    expect([...new Set(found.map((line) => line.slice(0, 7)))]).toEqual([
      'cell 2:',
      'cell 3:',
      'cell 4:',
      'cell 5:',
      'cell 6:',
    ]);
    expect(found.join('\n')).toMatch(/not assignable[\s\S]*thrown[\s\S]*rejected[\s\S]*region\.kind: got 1/);
  });
});
