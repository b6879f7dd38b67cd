import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fillIn } from '../../../src/checks/fill-in.js';
import { mergeDeltas } from '../../../src/weights/merge/merge.js';
import { type FilledMerge, type MergeOption, mergeSchema } from '../../../src/weights/merge/option.js';
import { fixtures, noise } from './folders.js';

const expected = JSON.parse(readFileSync(join(fixtures, 'merge/expected-matrices.json'), 'utf8')) as Record<
  string,
  Record<string, number[]>
>;

const options: Record<string, MergeOption> = {
  iso: { kind: 'iso' },
  tsv: { kind: 'tsv' },
  wudi: { kind: 'wudi' },
  'wudi, mean': { kind: 'wudi', start: 'mean' },
  swudi: { kind: 'swudi', saturation: 3, ratio: 0.5 },
  aswudi: { kind: 'aswudi' },
  'optmerge, full': { kind: 'optmerge' },
  'optmerge, lora': { kind: 'optmerge', tuned: 'lora' },
};

describe.each(Object.keys(expected))('three task vectors of %s', (size) => {
  const shape = size.split(' x ').map(Number);
  const deltas = [4, 5, 6].map((seed) =>
    Float32Array.from({ length: shape[0] * shape[1] }, (_, at) => noise(seed, at)),
  );

  it.each(Object.keys(options))('%s is what numpy computes from the formulas', (name) => {
    const option = fillIn(mergeSchema, options[name]) as Exclude<FilledMerge, { kind: 'linear' | 'slerp' }>;
    const found = mergeDeltas('a', { shape, deltas }, option);
    const off = expected[size][name].map((value, at) => Math.abs(value - found[at]));
    expect(Math.max(...off)).toBeLessThan(1e-5);
  });
});
