import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mergeFolders } from '../../../src/weights/merge/merge-folders.js';
import { readRecipe } from '../../../src/weights/merge/recipe/recipe.js';
import { fixtures, llama, tensorsOf, tunedLlama } from './folders.js';

const place = join(fixtures, 'merge');
const expected = JSON.parse(readFileSync(join(place, 'expected.json'), 'utf8')) as Record<
  string,
  Record<string, [waves: number, squares: number]>
>;
const networks: Record<string, string> = {
  base: llama,
  first: tunedLlama(1),
  second: tunedLlama(2),
  third: tunedLlama(3),
};

describe('recipes of mergekit', () => {
  it.each(readdirSync(join(place, 'recipes')))('%s gives the weights that mergekit 0.1.4 gives', (file) => {
    const out = join(mkdtempSync(join(tmpdir(), 'merged-')), 'out');
    mergeFolders(readRecipe(join(place, 'recipes', file)), out, (name) => networks[name]);
    const found = tensorsOf(out);
    const sums = expected[file.replace('.yml', '')];
    expect([...found.keys()].sort()).toEqual(Object.keys(sums).sort());
    for (const [name, [waves, squares]] of Object.entries(sums)) {
      const values = found.get(name)!;
      let [waved, squared] = [0, 0];
      values.forEach((value, at) => {
        waved += value * Math.sin(1 + 0.37 * at);
        squared += value * value;
      });
      // Sums of thousands of numbers that are each right to one part in 10 million.
      const scale = Math.sqrt(values.length * squares) * 2e-7;
      expect(Math.abs(waved - waves), `${file} ${name}`).toBeLessThan(scale);
      expect(Math.abs(squared - squares), `${file} ${name}`).toBeLessThan(2 * scale);
    }
  });
});
