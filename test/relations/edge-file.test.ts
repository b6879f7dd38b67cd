import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readEdges } from '../../src/relations/edge-file.js';

const folder = mkdtempSync(join(tmpdir(), 'moon-edges-'));
const ids = ['cup', 'saucer', 'mug', '0004'];
const written = (name: string, text: string) => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const pairs = ({ from, to }: { from: Int32Array; to: Int32Array }) =>
  [...from].map((row, at) => [ids[row], ids[to[at]]]);

test('a list of edges, with what is not used of it', async () => {
  const file = written(
    'edges.csv',
    `Source,Target,Type
cup,saucer,complement
cup,mug,co-view
cup,mug,substitute
mug,mug,substitute
cup,spoon,complement
0004,cup,also_bought
mug,cup,nearby
`,
  );
  const { edges, found, leftOut, notes } = await readEdges(file, ids);
  expect(pairs(edges.complement)).toEqual([
    ['cup', 'saucer'],
    ['0004', 'cup'],
  ]);
  expect(pairs(edges.substitute)).toEqual([['cup', 'mug']]);
  expect(found).toBe(7);
  expect(leftOut).toEqual({
    repeated: 1,
    'from an item to itself': 1,
    'names an item that the catalogue lacks': 1,
    'of no known relation': 1,
  });
  expect(notes).toEqual(['line 8: unknown-relation, nearby, expected substitute | complement']);
});

test.each([
  [
    'amazon-2014.jsonl',
    `{"asin": "cup", "title": "Cup", "related": {"also_bought": ["saucer", "B00X"], "also_viewed": ["mug"], "bought_together": ["saucer"]}}
{"asin": "mug", "title": "Mug"}
`,
  ],
  ['amazon-2018.jsonl', '{"asin": "cup", "also_buy": ["saucer", "B00X"], "also_view": ["mug"]}\n{"asin": "mug"}\n'],
  ['lists.csv', 'id,also_bought,also_viewed\ncup,saucer|B00X,mug\nmug,,\n'],
])('lists of a product in %s', async (name, text) => {
  const { edges, leftOut } = await readEdges(written(name, text), ids);
  expect(pairs(edges.complement)).toEqual([['cup', 'saucer']]);
  expect(pairs(edges.substitute)).toEqual([['cup', 'mug']]);
  expect(leftOut['names an item that the catalogue lacks']).toBe(1);
});

test('a table without edges says which columns it has', async () => {
  await expect(readEdges(written('products.csv', 'id,title\ncup,Cup\n'), ids)).rejects.toThrow(
    /products\.csv: has the columns id, title, expected from, to and relation, or an id and lists such as/,
  );
});
