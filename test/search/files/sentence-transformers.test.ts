import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { queriesBeside, readEmbeddingFile } from '../../../src/search/files/embedding-file.js';
import { peftPython } from '../../needs.js';

const root = mkdtempSync(join(tmpdir(), 'moon-sentences-'));
const script = join('notebooks', 'python', 'embed_with_sentence_transformers.py');

/** In place of the library: a vector is the length of the text and that of the model's name. */
const library = `import numpy
class SentenceTransformer:
    def __init__(self, name): self.name = name
    def encode(self, texts, normalize_embeddings=False):
        assert normalize_embeddings
        return numpy.array([[len(text), len(self.name)] for text in texts], dtype="float64")
`;

test('the Python example writes files of products and of queries that are read here', { tags: ['peft'] }, async () => {
  mkdirSync(join(root, 'sentence_transformers'));
  writeFileSync(join(root, 'sentence_transformers', '__init__.py'), library);
  const [products, queries, out] = ['products.jsonl', 'queries.jsonl', 'shop.npy'].map((name) => join(root, name));
  writeFileSync(products, '{"id": 7, "title": "Gr\u00fcner\u2028Tee"}\n{"id": "b", "title": "Mug"}\n');
  writeFileSync(queries, '{"id": "q", "text": "cups"}\n');
  const env = { ...process.env, PYTHONPATH: root };
  const run = (...args: string[]) => execFileSync(peftPython, [script, ...args], { env, encoding: 'utf8' });
  expect(run('mini', products, out, queries)).toContain(`2 rows of ${products}: ${out}`);
  const { rows, notes } = await readEmbeddingFile(out);
  expect([rows.ids, rows.width, [...rows.vectors], notes]).toEqual([['7', 'b'], 2, [10, 4, 3, 4], []]);
  const asked = await readEmbeddingFile(queriesBeside(out));
  expect([asked.rows.ids, [...asked.rows.vectors]]).toEqual([['q'], [4, 4]]);
  const { status, stderr } = spawnSync(peftPython, [script, 'mini', products, 'shop.parquet'], {
    env,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([1, expect.stringContaining('Usage: python embed_with_sentence_transformers.py')]);
});
