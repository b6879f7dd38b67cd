import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CsvRecord, csvRecords } from '../../../src/data/tables/csv.js';
import { dataFolder } from '../data-folder.js';

async function read(file: string, delimiter?: string) {
  const notes: [string, number | undefined][] = [];
  const records: CsvRecord[] = [];
  for await (const record of csvRecords(file, (kind, line) => notes.push([kind, line]), delimiter))
    records.push(record);
  return { records, notes };
}

/** RFC 4180: every cell quoted. */
const quoted = (cells: string[]) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');

describe('csvRecords', () => {
  test('what is written by the rules comes back, with the line on which each record begins', async () => {
    const file = join(dataFolder({}), 'any.csv');
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '杯', '"', ',', '\n', ' ', ';') });
    const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom('\n', '\r\n'), async (rows, end) => {
        writeFileSync(file, [['x', 'y', 'z'], ...rows].map(quoted).join(end));
        let line = 1;
        const expected = [['x', 'y', 'z'], ...rows].flatMap((cells) => {
          const record = { line, cells };
          line += 1 + cells.join('').split('\n').length - 1;
          return cells.every((text) => text.trim() === '') ? [] : [record];
        });
        const { records, notes } = await read(file, ',');
        expect(records).toEqual(expected);
        expect(notes).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('records over the border of what is read at once', async () => {
    const rows = Array.from({ length: 30_000 }, (_, row) => [`${row}`, `"two\n""lines"" ${row}"`, 'x,y']);
    const text = rows.map(([a, b, c]) => `${a},${b},"${c}"`).join('\n');
    const { records, notes } = await read(join(dataFolder({ 'long.csv': text }), 'long.csv'));
    expect(notes).toEqual([]);
    expect(records.length).toBe(30_000);
    expect(records[29_999]).toEqual({ line: 59_999, cells: ['29999', 'two\n"lines" 29999', 'x,y'] });
  });

  test('a quote that never closes loses no row', async () => {
    const rows = Array.from({ length: 5000 }, (_, row) => `${row},name ${row}`);
    rows[10] = '10,"name';
    const { records, notes } = await read(join(dataFolder({ 'stray.csv': rows.join('\n') }), 'stray.csv'));
    expect(records.map(({ cells }) => cells[0])).toEqual(rows.map((_, row) => `${row}`));
    expect(records[10]).toEqual({ line: 11, cells: ['10', '"name'] });
    expect(notes).toEqual([['stray-quote', 11]]);
  });

  test('a quote that closes in a later row loses no row between', async () => {
    const text = 'id,name,size\n1,"5 inch pipe,s\n2,plain,m\n3,"quoted, well",l\n4,5" pipe,xl\n';
    const { records, notes } = await read(join(dataFolder({ 'stray.csv': text }), 'stray.csv'));
    expect(records.map(({ line, cells }) => [line, ...cells])).toEqual([
      [1, 'id', 'name', 'size'],
      [2, '1', '"5 inch pipe', 's'],
      [3, '2', 'plain', 'm'],
      [4, '3', 'quoted, well', 'l'],
      [5, '4', '5" pipe', 'xl'],
    ]);
    expect(notes).toEqual([['stray-quote', 2]]);
  });

  test('the delimiter is that of the first line', async () => {
    for (const [delimiter, name] of [
      [';', 'a.csv'],
      ['\t', 'b.tsv'],
      [',', 'c.csv'],
    ]) {
      const file = join(dataFolder({ [name]: `id${delimiter}name\n1${delimiter}x` }), name);
      expect((await read(file)).records[1].cells).toEqual(['1', 'x']);
    }
  });
});
