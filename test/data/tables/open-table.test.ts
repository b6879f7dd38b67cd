import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openTable, tableOpener } from '../../../src/data/tables/open-table.js';
import { dataFolder } from '../data-folder.js';

const latin = Buffer.from('id;Größe;Name\n1;groß;Tasse, weiß\n2;klein;Kännchen;grün\n', 'latin1');

describe('openTable', () => {
  test.each<[name: string, content: string | Uint8Array, columns: string[], lines: number[], kinds: string[]]>([
    ['x.csv', latin, ['id', 'Größe', 'Name'], [2, 3], ['encoding', 'unquoted-comma']],
    ['x.jsonl', '{"a":1}\n{"b":2}\n[]\n', ['a', 'b'], [1, 2], ['bad-json']],
    ['x.json', '[{"a":1},{"b":2}]', ['a', 'b'], [1, 2], []],
    [
      'x.xlsx',
      readFileSync('test/fixtures/data/artikel.xlsx'),
      ['Artikelnummer', 'Titel', 'Kategorie', 'Farbe', 'Preis', 'Datum'],
      [2, 3],
      ['other-sheet'],
    ],
    ['x.parquet', 'PAR1', [], [], ['bad-parquet']],
    ['x.txt', '', [], [], []],
  ])('%s gives the same rows and issues at each reading', async (name, content, columns, lines, kinds) => {
    const table = await openTable(join(dataFolder({ [name]: content }), name));
    expect(table.columns).toEqual(columns);
    for (const _ of ['first', 'second']) {
      const found: [lines: number[], kinds: string[]] = [[], []];
      for await (const { line } of table.rows((kind) => void found[1].push(kind), 'Name')) found[0].push(line);
      expect(found).toEqual([lines, kinds]);
    }
  });

  test('refuses a file of another kind', async () => {
    await expect(openTable('x.doc')).rejects.toThrow('data: got the table "x.doc", expected a file ending in .csv');
  });
});

test('tableOpener opens each table once', async () => {
  const open = tableOpener(dataFolder({ 'x.csv': latin }), { encoding: 'macintosh' });
  expect(await open('x.csv')).toBe(await open('x.csv'));
  expect((await open('x.csv')).columns[1]).not.toBe('Größe');
});
