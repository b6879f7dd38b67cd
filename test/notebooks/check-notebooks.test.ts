import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
// @ts-expect-error setup is plain JavaScript: it runs before anything is installed
import { checkNotebooks } from '../../src/setup/check-notebooks.js';

function notebookOf(...cells: string[]): string {
  return JSON.stringify({
    cells: cells.map((source, at) => ({
      cell_type: 'code',
      id: `cell-${at}`,
      metadata: {},
      outputs: [],
      execution_count: null,
      source,
    })),
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  });
}

test('a notebook that fails stops none after it, and all failures are told with cell and error', {
  tags: ['built', 'lab'],
  timeout: 300_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'moon-check-'));
  const told: string[] = [];
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean(told.push(String(text))));
  try {
    writeFileSync(join(folder, '1-thrown.ipynb'), notebookOf('1 + 1', 'throw new RangeError("too far")'));
    writeFileSync(join(folder, '2-broken.ipynb'), 'no notebook');
    writeFileSync(join(folder, '3-typed.ipynb'), notebookOf('const wrong: number = "text"'));
    writeFileSync(join(folder, '4-right.ipynb'), notebookOf('console.log(1)'));
    expect(await checkNotebooks({ folder })).toBe(1);
    const failures = told.filter((line) => /^\d-\w+\.ipynb, /.test(line));
    expect(failures.map((line) => line.slice(0, 14))).toEqual(['1-thrown.ipynb', '2-broken.ipynb', '3-typed.ipynb,']);
    expect(failures[0]).toMatch(/cell 2: [\s\S]*RangeError: too far/);
    expect(failures[2]).toMatch(/cell 1: [\s\S]*not assignable/);
    expect(told.join('')).toContain('4-right.ipynb runs');
    expect(await checkNotebooks({ folder, names: ['4'] })).toBe(0);
  } finally {
    stderr.mockRestore();
    rmSync(folder, { recursive: true, force: true });
  }
});
