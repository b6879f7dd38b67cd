import { describe, expect, test } from 'vitest';
import { embeddingSources, embedTokens, mergeImageTokens, runLanguage } from '../../src/backbones/layers/decoder.js';
import { encodeImages } from '../../src/backbones/qwen25vl/vision.js';
import { flatten, unflatten } from '../../src/engine/flat-weights.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { infoNce } from '../../src/losses/info-nce.js';
import type { ExpertsOption } from '../../src/moon/experts/option.js';
import { embedBatch, initMoon } from '../../src/moon/model.js';
import { pool } from '../../src/moon/pooling.js';
import { productSequence, querySequence, type Sequence } from '../../src/moon/sequence.js';
import { batchOf, picture, products, reading, smallModel } from './small.js';

const guided: ExpertsOption = { kind: 'guided', count: 5, topK: 1, blocks: [1] };

function embed(
  experts: ExpertsOption,
  sequences: Sequence[],
  weights = initMoon(smallModel(experts), randomStream(1, 'init')),
) {
  const model = smallModel(experts);
  const { batch, tensors } = batchOf(model, sequences);
  return embedBatch(model, weights, batch, tensors);
}

const read = reading(smallModel());
const [apple, onlyTitle, juice] = products.map((product) => productSequence(product, read));
const query = querySequence({ id: 'q', image: picture('photo'), text: 'green' }, read);

describe.each<ExpertsOption>([{ kind: 'none' }, { ...guided, kind: 'plain' }, guided, { ...guided, topK: 3 }])(
  'experts %o',
  (experts) => {
    test('an embedding is a unit vector and does not depend on its batch-mates', () => {
      const weights = initMoon(smallModel(experts), randomStream(1, 'init'));
      const alone = embed(experts, [apple], weights).embeddings.dataSync();
      expect(Math.hypot(...alone)).toBeCloseTo(1, 5);
      for (const mates of [[onlyTitle], [juice, query], [query, query, onlyTitle, juice]]) {
        const together = embed(experts, [...mates, apple], weights).embeddings;
        const last = tf.slice(together, [mates.length, 0], [1, -1]).dataSync();
        alone.forEach((value, at) => {
          expect(last[at]).toBeCloseTo(value, 5);
        });
      }
    });
  },
);

test('without experts it is the dense network, bit for bit: the published parts joined by hand', () => {
  const model = smallModel({ kind: 'none' });
  const weights = initMoon(model, randomStream(1, 'init'));
  const { batch, tensors } = batchOf(model, [apple, juice]);
  const { network } = model;
  const pixels = tf.div(
    tf.sub(tensors.pictures, [0.48145466, 0.4578275, 0.40821073]),
    [0.26862954, 0.26130258, 0.27577711],
  ) as tf.Tensor4D;
  const features = encodeImages(network.vision, weights, { kind: 'pixels', pixels }).tokens;
  const ids = tf.tensor2d(batch.tokens, [2, batch.length], 'int32');
  const merged = mergeImageTokens(
    embedTokens(network.text, weights, ids),
    tf.reshape(features, [-1, network.text.width]) as tf.Tensor2D,
    tf.tensor1d(embeddingSources(batch.tokens, network.imageTokenId), 'int32'),
  );
  const { mask, positions } = tensors;
  const { last } = runLanguage(network.text, weights, {
    embeddings: merged,
    positions,
    mask,
    attention: 'bidirectional',
  });
  const expected = pool(last, mask, { kind: 'mean' }).dataSync();
  expect(embedBatch(model, weights, batch, tensors).embeddings.dataSync()).toEqual(expected);
});

test('experts are copies: with every ordinary expert chosen the output is the dense layer', () => {
  const dense = embed({ kind: 'none' }, [apple, juice, query]).embeddings.dataSync();
  const all = embed({ ...guided, topK: 3 }, [apple, juice, query]).embeddings.dataSync();
  dense.forEach((value, at) => {
    expect(all[at]).toBeCloseTo(value, 5);
  });
});

test('a batch without category tokens leaves the contrastive gradient of FFN_cate exactly zero, one with them does not', () => {
  const model = smallModel(guided);
  const { parameters, layout } = flatten(initMoon(model, randomStream(1, 'init')));
  const gradientOf = (sequences: Sequence[]) => {
    const { batch, tensors } = batchOf(model, sequences);
    const rows = tf.range(0, sequences.length, 1, 'int32');
    const labels = { positiveOf: rows, queryProducts: rows, itemProducts: rows };
    const loss = (flat: tf.Tensor) => {
      const { embeddings } = embedBatch(model, unflatten(flat as tf.Tensor1D, layout), batch, tensors);
      return infoNce({ ...labels, queries: embeddings, items: embeddings }, tf.scalar(0.1)).total;
    };
    const gradient = unflatten(tf.grad(loss)(parameters) as tf.Tensor1D, layout);
    return gradient['model.layers.1.mlp.category.gate_up_proj'].dataSync();
  };
  expect(gradientOf([onlyTitle, juice, query]).every((value) => value === 0)).toBe(true);
  expect(gradientOf([apple, juice]).some((value) => value !== 0)).toBe(true);
});

test('attention is asked for by name, and nothing stays behind', async () => {
  const model = smallModel(guided);
  const weights = initMoon(model, randomStream(1, 'init'));
  const { batch, tensors } = batchOf(model, [apple, juice]);
  const { leaked } = await countLeaks(() => {
    tf.tidy(() => {
      const { attention } = embedBatch(model, weights, batch, tensors, { want: { attention: 'last' } });
      expect(attention?.shape).toEqual([2, 3, batch.length, batch.length]);
      const sums = tf.sum(attention!, -1).dataSync();
      expect(Math.abs(sums[0] - 1)).toBeLessThan(1e-5);
    });
  });
  expect(leaked).toBe(0);
});
