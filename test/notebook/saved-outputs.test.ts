import { describe, expect, it } from 'vitest';
import { figureHtml, figureLoader } from '../../src/figures/browser.js';
import { lossCurve } from '../../src/figures/loss-curve.js';
import { reportPage } from '../../src/figures/page.js';
import { type CellOutput, cellErrors, savedNotebook } from '../../src/notebook/saved-outputs.js';
import { evil } from '../figures/samples.js';
import { built, inKernel, runCells } from './kernel-cells.js';

const notebookOf = (outputs: CellOutput[]) => ({
  cells: [
    { cell_type: 'code' as const, metadata: { execution: { 'iopub.status.idle': 'now' }, tags: ['a'] }, outputs },
  ],
  metadata: {},
});
const display = (data: Record<string, string>): CellOutput => ({ output_type: 'display_data', data });

describe('savedNotebook', () => {
  const figure = lossCurve([{ name: evil, steps: [0, 1], values: [2, 1] }], { title: evil });
  const save = async (outputs: CellOutput[]) => {
    const drawn: unknown[] = [];
    const { cells } = await savedNotebook(notebookOf(outputs), async (each) => {
      drawn.push(each);
      return Buffer.from('png');
    });
    return { drawn, cell: cells[0] };
  };

  it('keeps a figure as a PNG of the very figure, and neither its HTML nor plotly', async () => {
    const html = figureHtml(figure, 'moon-1');
    const { drawn, cell } = await save([
      display({ 'text/html': figureLoader(), 'text/plain': '' }),
      display({ 'text/html': html, 'text/plain': 'curve' }),
    ]);
    expect(drawn).toEqual([JSON.parse(JSON.stringify(figure))]);
    expect(cell.outputs?.map(({ data }) => data)).toEqual([
      { 'image/png': Buffer.from('png').toString('base64'), 'text/plain': 'curve' },
    ]);
  });

  it('keeps a PNG that is there, text, tables, and of a page its name; bars and times go', async () => {
    const table = display({ 'text/html': '<table></table>', 'text/plain': 'table' });
    const said: CellOutput = { output_type: 'stream', name: 'stdout', text: 'said' };
    const page = `<iframe srcdoc="${reportPage('R', [{ heading: 'One', figure }]).replaceAll('"', '&quot;')}"></iframe>`;
    const { cell } = await save([
      said,
      table,
      display({ 'text/html': '<div></div>', 'image/png': 'there', 'text/plain': 'x' }),
      display({ 'text/html': '<div class="moon-progress">12/12</div>', 'text/plain': '12/12' }),
      display({ 'text/html': page, 'text/plain': 'Page' }),
    ]);
    expect(cell.outputs).toEqual([
      said,
      table,
      display({ 'image/png': 'there', 'text/plain': 'x' }),
      display({ 'text/plain': 'Page' }),
    ]);
    expect(cell.metadata).toEqual({ tags: ['a'] });
  });
});

describe.skipIf(!built)(inKernel('cellErrors'), () => {
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
