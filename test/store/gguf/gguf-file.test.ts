import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readGguf, readGgufTensor } from '../../../src/store/gguf/gguf-file.js';
import { readHeader, readTensor } from '../../../src/store/safetensors.js';

const fixtures = 'test/fixtures/gguf';
const file = join(fixtures, 'types.gguf');
const folder = mkdtempSync(join(tmpdir(), 'moon-gguf-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(['f32', 'f16', 'q4_0', 'q4_1', 'q8_0', 'q4_k', 'q6_k'])(
  '%s: the numbers are those that the Python package gguf reads, to the last digit',
  async (name) => {
    const source = await readGguf(file);
    expect(source.tensors.get(name)).toMatchObject({ shape: [3, 512] });
    const expected = readTensor(readHeader(join(fixtures, 'expected.safetensors')), name);
    expect(readGgufTensor(source, name)).toEqual(expected);
  },
);

test('a file that is missing, cut short, no GGUF, or quantised in another way is refused with the remedy', async () => {
  await expect(readGguf(join(folder, 'none.gguf'))).rejects.toThrow('no such file');
  const bytes = readFileSync(file);
  const cut = join(folder, 'cut.gguf');
  writeFileSync(cut, bytes.subarray(0, bytes.length - 100));
  await expect(readGguf(cut)).rejects.toThrow(/ends at \d+ bytes, inside q6_k/);
  const head = join(folder, 'head.gguf');
  writeFileSync(head, bytes.subarray(0, 60));
  await expect(readGguf(head)).rejects.toThrow(/head\.gguf: ends inside its header/);
  const other = join(folder, 'other.gguf');
  writeFileSync(other, '<!doctype html><html></html>'.repeat(20));
  await expect(readGguf(other)).rejects.toThrow(/other\.gguf: cannot be read as GGUF/);
  await expect(readGguf(join(fixtures, 'unknown.gguf'))).rejects.toThrow(
    'q5_0 is quantised as Q5_0, expected F32 | F16 | Q4_0 | Q4_1 | Q8_0 | Q4_K | Q6_K. Take a file in one of these.',
  );
  const source = await readGguf(file);
  expect(() => readGgufTensor(source, 'q4')).toThrow('has no tensor q4');
});
