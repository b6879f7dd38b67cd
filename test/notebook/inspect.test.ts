import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import * as moon from '../../src/index.js';

const { tensorText } = moon.notebook;
const shop = moon.generateShop({ products: 24, imageSize: 32, views: 1, trainQueries: 60, evaluationQueries: 4 });

it('a catalogue prints its counts, a product its one line, and their fields are as they were', () => {
  expect(inspect(shop)).toBe('Catalogue shop\n24 products, 96 pairs (train 60, dev 12, val 12, test 12)');
  const [product] = shop.products;
  expect(inspect(product)).toMatch(/^Product shop-000000 ".+" \| .+ > .+ \| shape: .+; colour: .+ \| 1 image$/);
  expect(Object.keys(product)).toEqual(['id', 'title', 'category', 'attributes', 'images']);
  expect(JSON.parse(JSON.stringify(product))).toEqual(JSON.parse(JSON.stringify({ ...product })));
  expect(Reflect.ownKeys({ ...product })).toEqual(Object.keys(product));
});

it('a config prints its pieces, also after it was changed by a copy, and is plain JSON', () => {
  const changed = { ...moon.grocery, experts: { kind: 'none' as const } };
  expect(inspect(moon.grocery)).toContain('experts guided (6, top 1, blocks 0), region saliency');
  expect(inspect(changed)).toContain('experts none, region saliency');
  expect(inspect(changed).split('\n').length).toBeLessThan(8);
  expect(moon.readConfig(JSON.parse(JSON.stringify(changed)))).toMatchObject({ experts: { kind: 'none' } });
  expect(Object.keys(JSON.parse(JSON.stringify(moon.grocery)))).toEqual(Object.keys(moon.grocery));
});

it('a tensor as a line of text, also when it is gone; its class is left as tfjs made it', async () => {
  const tensor = moon.tf.tensor2d([
    [1.23456, 2],
    [3, 4],
    [5, 6],
    [7, 8],
    [9, 10],
  ]);
  expect(tensorText(tensor)).toBe('Tensor float32 [5, 2] 1.235 2 3 4 5 6 7 8 ...');
  tensor.dispose();
  expect(tensorText(tensor)).toBe('Tensor float32 [5, 2], disposed');
  expect(tensorText(moon.tf.tensor1d(['a', 'b']))).toBe('Tensor string [2] a b');
  const zeros = moon.tf.zeros([3]);
  expect((await moon.engine.countLeaks(() => tensorText(zeros))).leaked).toBe(0);
  expect(Object.getOwnPropertySymbols(moon.tf.Tensor.prototype)).not.toContain(inspect.custom);
});

it('a network and its pictures print what they are', async () => {
  const config = {
    ...moon.grocery,
    network: { size: 'nano', vocabulary: 300, stem: { kind: 'patch' } },
    imageSize: 32,
  } as const;
  const { encoder, pixels } = await moon.prepare(config, shop);
  expect(inspect(encoder)).toMatch(
    /^Network: [\d,]+ parameters, 2 blocks of width 96, 300 tokens; of\nMoonConfig, seed 1\n/,
  );
  expect(inspect(pixels)).toMatch(/^Pixels: \d+ core regions, \d+ of them the whole image; 0 images missing$/);
});

it("a user's mistake prints its sentence alone", () => {
  expect(inspect(new moon.UserError('region.kind: got 1.'))).toBe('UserError: region.kind: got 1.');
});
