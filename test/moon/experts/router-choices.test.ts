import { expect, test } from 'vitest';
import { countLeaks } from '../../../src/engine/memory.js';
import { randomStream } from '../../../src/engine/random.js';
import type { ExpertsOption } from '../../../src/moon/experts/option.js';
import { routerChoices } from '../../../src/moon/experts/router-choices.js';
import { embedBatch, initMoon } from '../../../src/moon/model.js';
import { productSequence } from '../../../src/moon/sequence.js';
import { batchOf, products, reading, smallModel } from '../small.js';

test.each<ExpertsOption>([
  { kind: 'guided', count: 5, topK: 1, blocks: [0, 1] },
  { kind: 'guided', count: 5, topK: 2, blocks: [1] },
  { kind: 'plain', count: 4, topK: 2, blocks: [0] },
])('counts every real token at its experts: %o', async (option) => {
  const model = smallModel(option);
  const weights = initMoon(model, randomStream(1, 'init'));
  const { batch, tensors } = batchOf(
    model,
    products.map((product) => productSequence(product, reading(model))),
  );
  const { experts } = embedBatch(model, weights, batch, tensors);
  const { result, leaked } = await countLeaks(() => routerChoices(option, batch, experts));
  expect(leaked).toBe(0);

  const expected = new Map<string, number>();
  for (const { block, routing } of experts) {
    const chosen = routing.choices.arraySync() as number[][];
    batch.aspects.forEach((aspect, row) => {
      if (aspect === null) return;
      const named = option.kind === 'guided' && ['category', 'attribute'].includes(aspect);
      for (const expert of named ? [aspect] : chosen[row]) {
        const key = `${block} ${aspect} ${expert}`;
        expected.set(key, (expected.get(key) ?? 0) + 1);
      }
    });
  }
  expect(result.map(({ block, aspect, expert, tokens }) => [`${block} ${aspect} ${expert}`, tokens]).sort()).toEqual(
    [...expected].sort(),
  );
  const order = result.map(({ block, aspect }) => `${block} ${aspect}`);
  expect(new Set(order).size).toBe(order.filter((each, at) => each !== order[at - 1]).length);
});

test('a dense network has made no choices', async () => {
  expect(await routerChoices({ kind: 'none' }, { aspects: ['title', null] }, [])).toEqual([]);
});
