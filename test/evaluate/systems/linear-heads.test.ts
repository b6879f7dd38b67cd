import { expect, test } from 'vitest';
import type { Catalogue } from '../../../src/data/types.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { randomStream } from '../../../src/engine/random.js';
import { trainLinearHeads } from '../../../src/evaluate/systems/linear-heads.js';
import { rankItems } from '../../../src/search/ranks.js';
import { recallAt } from '../../../src/tasks/rank-metrics.js';
import type { Input } from '../../../src/tasks/task.js';

const SIDE = 12;
const stream = randomStream(1, 'heads');
const ids = Array.from({ length: 60 }, (_, at) => `p${at}`);
const pictures = new Map(ids.map((id) => [id, Array.from({ length: SIDE }, () => stream.normal())]));
const turn = Array.from({ length: SIDE }, () => Array.from({ length: SIDE }, () => stream.normal()));

/** A query shows a product's picture, an item its words, which are an unknown linear map of the picture. */
function of(inputs: readonly Input[]): Float32Array {
  const vectors = new Float32Array(inputs.length * 2 * SIDE);
  inputs.forEach((input, row) => {
    const id = input.kind === 'product' ? input.product.id : input.kind === 'query' ? input.query.id.slice(1) : '';
    const picture = pictures.get(id)!;
    const words = turn.map((weights) => weights.reduce((sum, weight, at) => sum + weight * picture[at], 0));
    if (input.kind === 'query') vectors.set(picture, row * 2 * SIDE);
    else vectors.set(words, row * 2 * SIDE + SIDE);
  });
  return vectors;
}

const product = (id: string) => ({ id, title: id, category: [], attributes: {}, images: [] });
const catalogue: Catalogue = {
  adapter: 'table',
  root: '',
  products: ids.map(product),
  pairs: ids
    .slice(0, 45)
    .map((id) => ({ query: { id: `q${id}`, text: 'photo' }, product: id, split: 'train' as const })),
  issues: [],
};

test('two linear heads learn a linear map from training pairs, for products that they have not seen too', async () => {
  const frozen = { width: 2 * SIDE, missing: new Map(), of };
  const { result: heads, leaked } = await countLeaks(() => trainLinearHeads(frozen, catalogue));
  expect(leaked).toBe(0);
  const unseen = ids.slice(45);
  const queries = unseen.map((id): Input => ({ kind: 'query', query: { id: `q${id}` } }));
  const items = ids.map((id): Input => ({ kind: 'product', product: product(id) }));
  const recallOf = (source: { width: number; of(inputs: readonly Input[]): Float32Array }) => {
    const side = (own: Input[], names: string[]) => ({ ids: names, vectors: source.of(own), width: source.width });
    const ranks = rankItems(side(queries, unseen), unseen, side(items, ids));
    return ranks.reduce((sum, rank) => sum + recallAt(rank, 1), 0) / ranks.length;
  };
  expect(recallOf(frozen)).toBeLessThan(0.1);
  expect(recallOf(heads)).toBeGreaterThan(0.8);
});
