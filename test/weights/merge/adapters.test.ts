import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mergeAdapters } from '../../../src/weights/merge/merge-adapters.js';
import { mergeFolders } from '../../../src/weights/merge/merge-folders.js';
import { parseRecipe, readRecipe } from '../../../src/weights/merge/recipe/recipe.js';
import { Matrix, symmetricEigen } from '../../../src/weights/merge/spectral.js';
import { fixtures, llama, tensorsOf } from './folders.js';

const place = join(fixtures, 'merge');
type Sums = Record<string, [waves: number, squares: number]>;
const expected = JSON.parse(readFileSync(join(place, 'expected-adapters.json'), 'utf8')) as Record<string, Sums>;
const adapterOf = (name: string) => (name === 'base' ? llama : join(place, 'adapters', name));

function merge(lines: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'adapters-'));
  const file = join(folder, 'recipe.yml');
  writeFileSync(
    file,
    `models:
  - { model: first, parameters: { weight: 0.7 } }
  - { model: second, parameters: { weight: 0.4 } }
${lines}`,
  );
  mergeAdapters(readRecipe(file), join(folder, 'out'), adapterOf);
  return join(folder, 'out');
}

/** The product of a module's matrices, times the scale that its configuration gives. */
function deltaOf(folder: string, module: string): number[] {
  const config = JSON.parse(readFileSync(join(folder, 'adapter_config.json'), 'utf8'));
  const tensors = tensorsOf(folder, 'adapter_model.safetensors');
  const [A, B] = ['A', 'B'].map((side) => [...tensors.get(`${module}.lora_${side}.weight`)!]);
  const [down, up] = [
    Matrix.from1DArray(config.r, A.length / config.r, A),
    Matrix.from1DArray(B.length / config.r, config.r, B),
  ];
  return up
    .mmul(down)
    .mul(config.lora_alpha / config.r)
    .to1DArray();
}

describe('adapters merge as in peft', () => {
  it.each([
    ['linear', 'apart'],
    ['cat', 'cat'],
    ['svd', 'svd'],
  ])('%s is join: %s', (kind, join) => {
    const out = merge(`merge_method: linear
parameters: { normalize: false }
moon_lab: { join: ${join} }
`);
    for (const [module, [waves, squares]] of Object.entries(expected[kind])) {
      const delta = deltaOf(out, module);
      const waved = delta.reduce((sum, value, at) => sum + value * Math.sin(1 + 0.37 * at), 0);
      const squared = delta.reduce((sum, value) => sum + value * value, 0);
      expect(waved).toBeCloseTo(waves, 4);
      expect(squared / squares).toBeCloseTo(1, 5);
    }
  });

  it('a method of task vectors merges their products', () => {
    const out = merge('merge_method: ties\nbase_model: base\nmoon_lab: { join: svd, rank: 4 }\n');
    const [module] = Object.keys(expected.cat);
    const [first, second] = ['first', 'second'].map((name) => deltaOf(adapterOf(name), module));
    const elected = first.map((value, at) => {
      const [a, b] = [0.7 * value, 0.4 * second[at]];
      if (a * b > 0) return (a + b) / 1.1;
      return a + b > 0 === a > 0 ? value : second[at];
    });
    const found = deltaOf(out, module);
    const exact = Matrix.from1DArray(40, 40, elected);
    const distance = Matrix.from1DArray(40, 40, found).sub(exact).norm();
    // As near as any matrix of four singular values comes.
    const { values } = symmetricEigen(exact.mmul(exact.transpose()));
    expect(distance).toBeCloseTo(Math.sqrt(values.slice(4).reduce((sum, value) => sum + value, 0)), 4);
  });
});

it('an adapter behind a plus is merged into its network', () => {
  const folder = mkdtempSync(join(tmpdir(), 'adapted-'));
  const file = join(folder, 'recipe.yml');
  writeFileSync(file, 'merge_method: linear\nmodels: [{ model: base+first, parameters: { weight: 1 } }]\n');
  mergeFolders(readRecipe(file), join(folder, 'out'), adapterOf);
  const [plain, merged] = [tensorsOf(llama), tensorsOf(join(folder, 'out'))];
  for (const [name, values] of merged) {
    const module = `base_model.model.${name.replace(/\.weight$/, '')}`;
    const delta = expected.cat[module] ? deltaOf(adapterOf('first'), module) : [];
    const before = plain.get(name)!;
    for (let at = 0; at < values.length; at++) expect(values[at]).toBeCloseTo(before[at] + (delta[at] ?? 0), 5);
  }
});

it('refuses what cannot be joined', () => {
  const recipe = (text: string) => parseRecipe(text, 'recipe.yml');
  const both = 'models: [{ model: first, parameters: { weight: 1 } }, { model: second, parameters: { weight: 1 } }]\n';
  expect(() =>
    mergeAdapters(
      recipe(`${both}merge_method: ties\nbase_model: base\nmoon_lab: { join: cat }\n`),
      '/nowhere/out',
      adapterOf,
    ),
  ).toThrow('recipe.yml: moon_lab.join cat sums adapters up; ties needs svd.');
  expect(() => recipe(`${both}merge_method: linear\nmoon_lab: { join: sum }\n`)).toThrow(
    'recipe.yml: moon_lab.join: got "sum", expected cat | apart | svd.',
  );
});
