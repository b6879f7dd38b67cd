import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { missingPath } from '../../../src/checks/missing-path.js';
import { readHeader, writeSafetensors } from '../../../src/store/safetensors.js';
import { mergeFolders } from '../../../src/weights/merge/merge-folders.js';
import { parseRecipe, readRecipe } from '../../../src/weights/merge/recipe/recipe.js';
import { changedCopy, fixtures, llama, tensorsOf, tunedLlama } from './folders.js';

const tuned = tunedLlama(1);
const ofText = (text: string) => () => parseRecipe(text, 'r.yml');

describe('a recipe that is not understood is refused by one sentence', () => {
  const whole = 'models: [{ model: a, parameters: { weight: 1 } }]\n';
  it.each([
    ['merge_method: [', 'r.yml: is not YAML:'],
    ['[1]', 'r.yml: got [1], expected a record of merge_method, base_model,'],
    [
      `${whole}merge_method: dare`,
      'r.yml: merge_method: got "dare", expected one of linear | slerp | task_arithmetic | ties |',
    ],
    [`${whole}merge_method: linear\nbase_modle: b`, 'r.yml: base_modle is not supported; did you mean base_model?'],
    [
      `${whole}merge_method: linear\nchat_template: auto`,
      'r.yml: chat_template is not supported; it takes merge_method,',
    ],
    [`${whole}merge_method: linear\ntokenizer_source: union`, `r.yml: tokenizer_source: got "union", expected 'base'.`],
    [
      `${whole}merge_method: linear\ndtype: int8`,
      'r.yml: dtype: got "int8", expected one of float32 | float16 | bfloat16.',
    ],
    ['merge_method: linear', 'r.yml: has neither models nor slices. Give one of them.'],
    ['merge_method: linear\nmodels: []', 'r.yml: models: got [], expected a list of at least one.'],
    [
      'merge_method: linear\nmodels: [{ model: a, parameters: { weigth: 1 } }]',
      'r.yml: models[0].parameters: weigth is not supported; did you mean weight?',
    ],
    [
      'merge_method: linear\nmodels: [{ model: a, parameters: { weight: much } }]',
      'r.yml: models[0].parameters.weight: got "much", expected a number, a list of numbers, or a list of { filter, value }.',
    ],
    [
      'merge_method: linear\nmodels: [{ model: a, parameters: { weight: [{ filter: x }] } }]',
      'r.yml: models[0].parameters.weight[0]: got {"filter":"x"}, expected',
    ],
    [
      'merge_method: linear\nmodels: [{ model: { path: a } }]',
      'r.yml: models[0].model: got {"path":"a"}, expected a folder, or folder+adapter.',
    ],
    [
      'merge_method: slerp\nslices: [{ sources: [{ model: a, layer_range: [3, 1] }] }]',
      'layer_range: got [3,1], expected the first layer and the one after the last',
    ],
  ])('%j', (text, message) => {
    expect(ofText(text)).toThrow(message);
  });
});

/** Merge two models, and expect one sentence and no folder. */
function expectRefusal(recipe: string, networks: Record<string, string>, message: string | RegExp): void {
  const folder = mkdtempSync(join(tmpdir(), 'refused-'));
  const file = join(folder, 'recipe.yml');
  writeFileSync(file, recipe);
  const folderOf = (name: string) => {
    if (!networks[name]) throw missingPath(name);
    return networks[name];
  };
  expect(() => mergeFolders(readRecipe(file), join(folder, 'out'), folderOf)).toThrow(message);
  expect(readdirSync(folder)).toEqual(['recipe.yml']);
}

const ties = (parameters = '{ weight: 1, density: 0.5 }') =>
  `merge_method: ties\nbase_model: base\nmodels: [{ model: first, parameters: ${parameters} }]\n`;

describe('models that do not fit are refused by one sentence, and nothing is written', () => {
  it('a folder that is missing', () => {
    expectRefusal(ties(), { base: llama }, 'first does not exist');
  });
  it('a base that is not named', () => {
    expectRefusal(
      ties().replace('base_model: base\n', ''),
      { first: tuned },
      'ties needs a base_model, the network that the models were tuned from.',
    );
  });
  it('another network', () => {
    expectRefusal(ties(), { base: llama, first: join(fixtures, 'qwen-folder') }, 'Merge networks of one architecture');
  });
  it('another number of tokens', () => {
    const other = changedCopy(llama, (_, values, shape) => {
      if (shape[0] !== 296) return values;
      shape[0] = 295;
      return values.subarray(0, 295 * shape[1]);
    });
    expectRefusal(ties(), { base: llama, first: other }, 'knows 295 tokens,');
  });
  it('another vocabulary of the same size', () => {
    const other = tunedLlama(2);
    const file = join(other, 'tokenizer.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"!":0', '"¡":0').replace('"!": 0', '"¡": 0'));
    expectRefusal(ties(), { base: llama, first: other }, 'has another vocabulary than');
  });
  it('the base itself', () => {
    expectRefusal(ties(), { base: llama, first: llama }, 'first: equals the base, so there is nothing to merge.');
  });
  it('a density of 0, and none of its own', () => {
    expectRefusal(
      ties('{ weight: 1, density: 0 }'),
      { base: llama, first: tuned },
      'density is 0; a fraction above 0 and up to 1',
    );
    expectRefusal(
      ties('{ density: 1 }'),
      { base: llama, first: tuned },
      'weight is missing: give each model parameters: { weight: 1 }.',
    );
  });
  it('weights that sum up to 0', () => {
    const recipe =
      'merge_method: linear\nmodels: [{ model: base, parameters: { weight: 1 } }, { model: first, parameters: { weight: -1 } }]\n';
    expectRefusal(recipe, { base: llama, first: tuned }, 'weights: got [1,-1], expected a sum other than 0');
  });
  it('another depth', () => {
    const deeper = changedCopy(llama, (_, values) => values);
    const source = readHeader(join(llama, 'model.safetensors'));
    const more = [...tensorsOf(llama)].flatMap(([name, values]) => {
      const { shape } = source.tensors.get(name)!;
      const further = name.replace('layers.2.', 'layers.3.');
      return [...new Set([name, further])].map((each) => ({ name: each, shape, values: () => values }));
    });
    writeSafetensors(join(deeper, 'model.safetensors'), more);
    expectRefusal(
      ties(),
      { base: llama, first: deeper },
      /has no model\.layers\.3\..*Merge networks of one architecture/,
    );
  });
  it('two models for an arc', () => {
    const recipe = ties()
      .replace('ties', 'slerp')
      .replace('{ weight: 1, density: 0.5 } }', '{} }, { model: second }')
      .concat('parameters: { t: 0.5 }\n');
    expectRefusal(
      recipe,
      { base: llama, first: tuned, second: tuned },
      'slerp takes the base and one other model, got 2.',
    );
  });
  it('NaN, with its place', () => {
    const broken = changedCopy(llama, (name, values) => {
      if (name === 'model.norm.weight') values[7] = Number.NaN;
      return values;
    });
    expectRefusal(
      ties(),
      { base: llama, first: broken },
      /model\.safetensors: model\.norm\.weight holds NaN at 7\. Take a checkpoint/,
    );
  });
  it('an output that exists', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'exists-')), 'recipe.yml');
    writeFileSync(file, ties());
    expect(() => mergeFolders(readRecipe(file), dirname(file), () => llama)).toThrow(
      'exists already. Name a folder that does not exist.',
    );
  });
  it('slices that do not make up the network', () => {
    const slices = (to: number) =>
      `merge_method: slerp\nbase_model: base\nparameters: { t: 0.5 }\nslices: [{ sources: [{ model: base, layer_range: [0, ${to}] }, { model: first, layer_range: [0, ${to}] }] }]\n`;
    expectRefusal(
      slices(2),
      { base: llama, first: tuned },
      'the slices have 2 layers in all, base has 3. Other depths are not supported.',
    );
    expectRefusal(slices(4), { base: llama, first: tuned }, 'slices[0] takes layers up to 4 of base, which has 3.');
  });
});

describe('what is merged', () => {
  it('methods of matrices take the language matrices, and the rest stays the base; another base is said', () => {
    const folder = mkdtempSync(join(tmpdir(), 'matrices-'));
    const file = join(folder, 'recipe.yml');
    writeFileSync(file, 'merge_method: iso_c\nbase_model: base\nmodels: [{ model: first }, { model: other }]\n');
    const other = changedCopy(llama, (_, values) => values.toReversed());
    const networks: Record<string, string> = { base: llama, first: tuned, other };
    const report = mergeFolders(readRecipe(file), join(folder, 'out'), (name) => networks[name]);
    const [before, after] = [tensorsOf(llama), tensorsOf(report.out)];
    const changed = [...after].filter(([name, values]) => values.some((value, at) => value !== before.get(name)![at]));
    expect(changed).toHaveLength(3 * 7);
    expect([report.merged, report.fromBase]).toEqual([3 * 7, 30 - 3 * 7]);
    expect(changed.every(([name]) => /layers\.\d\.(self_attn|mlp)\./.test(name))).toBe(true);
    expect(report.warnings).toEqual([
      expect.stringMatching(/^other: differs from the base by 1\.\d+ of the base's length/),
    ]);
    expect(existsSync(join(report.out, 'tokenizer.json'))).toBe(true);
  });

  it('shards, both naming schemes and bfloat16 come out as the base has them', () => {
    const qwen = join(fixtures, 'qwen-folder');
    const copy = mkdtempSync(join(tmpdir(), 'qwen-'));
    cpSync(qwen, copy, { recursive: true });
    const folder = mkdtempSync(join(tmpdir(), 'merged-'));
    const file = join(folder, 'recipe.yml');
    writeFileSync(
      file,
      'merge_method: linear\nmodels: [{ model: a, parameters: { weight: 1 } }, { model: b, parameters: { weight: 1 } }]\n',
    );
    const { out } = mergeFolders(readRecipe(file), join(folder, 'out'), (name) => ({ a: qwen, b: copy })[name]!);
    const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
    const merged = tensorsOf(out);
    for (const shard of shards)
      for (const [name, values] of tensorsOf(qwen, shard)) expect(merged.get(name), name).toEqual(values);
  });
});
