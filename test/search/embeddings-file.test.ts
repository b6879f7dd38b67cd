import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readEmbeddings, saveEmbeddings } from '../../src/search/embeddings-file.js';

test('embeddings come back as they were; a damaged or missing file is named', () => {
  const run = mkdtempSync(join(tmpdir(), 'moon-embeddings-'));
  expect(() => readEmbeddings(run)).toThrow(/embeddings: checksums.json is missing/);
  const products = { ids: ['a', 'b', 'ü'], vectors: Float32Array.of(1, 0, 0.6, 0.8, -1, 0), width: 2 };
  const queries = { ids: [], vectors: new Float32Array(), width: 2 };
  saveEmbeddings(run, { products: { ...products, ids: ['old'], vectors: Float32Array.of(1, 0) } });
  saveEmbeddings(run, { products, queries });
  expect(readEmbeddings(run)).toEqual({ products, queries });

  expect(() => saveEmbeddings(run, { products: { ...products, width: 3 } })).toThrow(
    'got 6 numbers, expected ids x width = 3 x 3',
  );
  expect(readEmbeddings(run)).toEqual({ products, queries });

  const file = join(run, 'embeddings', 'embeddings.safetensors');
  const bytes = readFileSync(file);
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(file, bytes);
  expect(() => readEmbeddings(run)).toThrow(/embeddings.safetensors has changed since it was saved/);
});
