import { afterAll, beforeAll, expect, test } from 'vitest';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { embedSequences } from '../../src/encoder/embed.js';
import { embed } from '../../src/encoder/embed-inputs.js';
import { sequenceOptions } from '../../src/encoder/encoder.js';
import { type Experiment, prepare } from '../../src/encoder/prepare.js';
import { countLeaks } from '../../src/engine/memory.js';
import { productSequence, querySequence } from '../../src/moon/sequence.js';

const shop = generateShop({ products: 6, imageSize: 32, views: 1, trainQueries: 12, evaluationQueries: 3 });
const network = { size: 'nano', vocabulary: 300, stem: { kind: 'patch' } } as const;
let made: Experiment;
beforeAll(async () => {
  made = await prepare({ ...grocery, network, imageSize: 32 }, shop);
});
afterAll(() => made.encoder.parameters.dispose());

test('products and queries are embedded as training and evaluation read them, in the order given', async () => {
  const { encoder, pixels } = made;
  const [product, other] = shop.products;
  const { query } = shop.pairs.find((pair) => pair.query.image)!;
  const { result, leaked } = await countLeaks(() =>
    embed(encoder, [product, query, { id: 'words', text: 'red shoe' }, other]),
  );
  expect(leaked).toBe(0);
  const read = sequenceOptions(encoder, pixels);
  const expected = await embedSequences(
    encoder,
    [
      productSequence(product, read),
      querySequence(query, read),
      querySequence({ id: 'words', text: 'red shoe' }, read),
      productSequence(other, read),
    ],
    pixels,
  );
  expect(result.ids).toEqual([product.id, query.id, 'words', other.id]);
  expect(result.vectors).toEqual(expected.vectors);
});

test('the path of a file is an image; what cannot be read or shows nothing is named', async () => {
  const { encoder } = made;
  const image = 'test/fixtures/images/colours.png';
  const { vectors, width } = await embed(encoder, [
    { id: 'a', image },
    { id: 'b', image },
    { id: 'c', image, text: 'blue' },
  ]);
  const [a, b, c] = [0, 1, 2].map((row) => [...vectors.subarray(row * width, (row + 1) * width)]);
  expect(a).toEqual(b);
  expect(c).not.toEqual(a);
  await expect(embed(encoder, [{ id: 'gone', image: 'gone.jpg' }])).rejects.toThrow(/gone\.jpg/);
  await expect(embed(encoder, [{ id: 'empty' }])).rejects.toThrow('empty: has no image and no text left to read');
});
