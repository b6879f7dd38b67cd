import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { moonLab } from './moon-lab.js';

const root = mkdtempSync(join(tmpdir(), 'moon-wrong-'));
const before = process.cwd();
beforeAll(() => {
  mkdirSync(join(root, 'shops/empty'), { recursive: true });
  mkdirSync(join(root, 'run'));
  writeFileSync(join(root, 'shop.csv'), 'id,title\n1,red mug\n');
  writeFileSync(join(root, 'broken.json'), '{');
  writeFileSync(join(root, 'run/manifest.json'), JSON.stringify({ data: { path: 'moved/shop' }, flags: {} }));
  process.chdir(root);
});
afterAll(() => {
  process.chdir(before);
  rmSync(root, { recursive: true });
});

describe('wrong input is one sentence with the true cause', () => {
  test.each([
    ['data inspect shpo.csv', 'PATH: shpo.csv does not exist; did you mean shop.csv?'],
    ['data fetch shop/products.csv', 'PATH: shop/products.csv does not exist; there is no folder shop either; check'],
    ['data inspect something-else', 'PATH: something-else does not exist; check the path.'],
    ['data inspect shops/empty', 'data: "shops/empty" holds no products in any of the layouts '],
    ['data pack GroceryStore small', 'FROM: GroceryStore does not exist; check the path.'],
    ['train --data shopcsv', '--data: shopcsv does not exist; did you mean shop.csv or shops?'],
    ['start --data nowhere', '--data: nowhere does not exist; check the path.'],
    ['ablate --study paper --data nowhere', '--data: nowhere does not exist; check the path.'],
    ['verify nowhere', 'FOLDER: nowhere does not exist; check the path.'],
    ['verify shops --expected nowhere', '--expected: nowhere does not exist; check the path.'],
    ['evaluate --run runn', 'runn does not exist; did you mean run?'],
    ['evaluate --run shops', 'shops: is not a run folder (it has no manifest.json). Give a folder that'],
    ['evaluate --run run', 'run: its data "moved/shop" are not there; name their place with --data.'],
    ['explain --run run --product 1', 'run: its data "moved/shop" are not there; name their place with --data.'],
    [
      'evaluate --config grocerry --data shop.csv',
      '--config: got "grocerry", expected an existing file, or one of groc',
    ],
    ['train --config shops', 'shops: not a file; give a JSON file such as { "base": "grocery" }.'],
    ['train --config broken.json', /broken\.json: not JSON \(.*\); give a JSON file such as { "base": "grocery" }\.$/],
    ['ablate --study broken.json', /broken\.json: not JSON \(.*\); give a JSON file with a study\.$/],
    ['model inspect smolm2-135m', 'smolm2-135m: no such file, folder or known network; did you mean smollm2-135m?'],
    [
      'model inspect minilm --cache shops',
      'minilm: is no path, nor downloaded; check it, or run npx moon-lab model get',
    ],
    ['model convert nowhere.gguf --out x', 'nowhere.gguf does not exist; check the path.'],
    [
      'model get minilm --revision v2',
      'revision: got "v2", expected none: minilm comes from a package of one version.',
    ],
    ['train --data shop.csv --set vision.kind=onnx', 'vision.model: is missing; this option has no default.'],
    [
      'train --set text.kind=frozen --set text.model=minilmm',
      'text.model: minilmm: no such file, folder or known network; did you mean minilm?',
    ],
    [
      'train --set ocr.kind=paddle --set ocr.model=nowhere/here/x',
      'ocr.model: nowhere/here/x does not exist; there is no folder nowhere/here either; check the path.',
    ],
    ['config paper --base grocery', '--base: got "grocery", expected none, since paper is a base already. Leave one'],
    ['config experst', "option: got 'experst', which is unknown; did you mean experts?"],
  ])('%s', async (line, message) => {
    const { code, err } = await moonLab(...line.split(' '));
    expect(code).toBe(1);
    const [, said] = err.trim().split(/^moon-lab [a-z ]+: /);
    expect(said).not.toContain('\n');
    if (typeof message === 'string') expect(said.slice(0, message.length)).toBe(message);
    else expect(said).toMatch(message);
  });
});
