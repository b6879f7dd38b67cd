import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readHeader, readTensor } from '../../src/store/safetensors.js';

const folder = join(import.meta.dirname, '../fixtures/pickled');
const work = mkdtempSync(join(tmpdir(), 'moon-pickled-'));

function convert(name: string): string {
  const out = join(work, 'out.safetensors');
  execFileSync('python3', [join(import.meta.dirname, '../../src/models/unpickle.py'), join(folder, name), out], {
    cwd: work,
    stdio: 'pipe',
  });
  return out;
}

test('weights of PyTorch keep their numbers, whatever the order of their storage', () => {
  const source = readHeader(convert('weights.pth'));
  const right = JSON.parse(readFileSync(join(folder, 'weights.json'), 'utf8')) as Record<string, unknown>;
  expect([...source.tensors.keys()].toSorted()).toEqual(Object.keys(right).toSorted());
  for (const [name, value] of Object.entries(right)) {
    const sides = (each: unknown): number[] => (Array.isArray(each) ? [each.length, ...sides(each[0])] : []);
    expect(source.tensors.get(name)!.shape).toEqual(sides(value));
    const numbers = ([value] as unknown[]).flat(9) as number[];
    if (name !== 'count') expect(Array.from(readTensor(source, name))).toEqual(numbers.map(Math.fround));
  }
});

test('a file that names anything else is refused, and nothing of it runs', () => {
  expect(() => convert('harm.pth')).toThrow(/posix.system is not a part of weights/);
  expect(existsSync(join(work, 'harm'))).toBe(false);
  expect(() => convert('weights.json')).toThrow();
});
