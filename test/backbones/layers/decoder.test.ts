import { afterAll, describe, expect, it } from 'vitest';
import { initWeights } from '../../../src/backbones/init-weights.js';
import {
  embeddingSources,
  embedTokens,
  type FeedForward,
  type LanguageInput,
  logits,
  mergeImageTokens,
  runLanguage,
} from '../../../src/backbones/layers/decoder.js';
import { createCache, disposeCache } from '../../../src/backbones/layers/key-value-cache.js';
import { sizedConfig } from '../../../src/backbones/qwen25vl/sizes.js';
import type { Weights } from '../../../src/engine/flat-weights.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { randomStream } from '../../../src/engine/random.js';
import * as tf from '../../../src/engine/tf.js';
import { expectClose, gradients, normal } from '../close.js';

const tokens = { image: 1, video: 2, visionStart: 3, visionEnd: 4, pad: 0, end: 5 };
const config = sizedConfig('nano', { vocabSize: 32, tokens });
const weights = initWeights(config, randomStream(1, 'init'));
afterAll(() => tf.dispose(weights));

const [batch, length, width] = [2, 6, config.text.width];
const embeddings = normal('embeddings', batch, length, width) as tf.Tensor3D;

function positions(from: number, to: number, count = batch): tf.Tensor3D {
  const numbers = Array.from({ length: to - from }, (_, i) => from + i);
  return tf.tensor3d(Array(3).fill(Array(count).fill(numbers)), [3, count, to - from], 'int32');
}

const everywhere = positions(0, length);
const run = (input: Partial<LanguageInput> = {}, from: Weights = weights) =>
  runLanguage(config.text, from, { embeddings, positions: everywhere, attention: 'causal', ...input });

describe('the language model', () => {
  it('gives a padded sequence what it gives the same sequence alone', () => {
    for (const attention of ['causal', 'bidirectional'] as const)
      tf.tidy(() => {
        const alone = run({
          embeddings: tf.slice(embeddings, [1, 0, 0], [1, 4, width]),
          positions: positions(0, 4, 1),
          attention,
        });
        const mask = tf.tensor2d([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0], [batch, length]);
        const padded = tf.slice(run({ mask, attention }).last, [1, 0, 0], [1, 4, width]);
        expectClose(padded, alone.last, attention);
      });
  });

  it('sees later tokens when it is bidirectional and not when it is causal', () => {
    tf.tidy(() => {
      const before = tf.slice(embeddings, [0, 0, 0], [batch, 5, width]);
      const changed = tf.concat([before, tf.ones([batch, 1, width])], 1) as tf.Tensor3D;
      const first = (input: Partial<LanguageInput>) => tf.slice(run(input).last, [0, 0, 0], [batch, 5, width]);
      const difference = (attention: 'causal' | 'bidirectional') =>
        tf.max(tf.abs(tf.sub(first({ attention }), first({ attention, embeddings: changed })))).dataSync()[0];
      expect(difference('causal')).toBe(0);
      expect(difference('bidirectional')).toBeGreaterThan(1e-3);
    });
  });

  it('continues from a cache as if it had seen all at once', () => {
    tf.tidy(() => {
      const cache = createCache();
      const parts = [
        [0, 3],
        [3, 4],
        [4, 6],
      ].map(([from, to]) => {
        const part: tf.Tensor3D = tf.slice(embeddings, [0, from, 0], [batch, to - from, width]);
        return run({ embeddings: part, positions: positions(from, to), cache }).last;
      });
      disposeCache(cache);
      expectClose(tf.concat(parts, 1), run().last);
    });
  });

  it('refuses a cache with bidirectional attention', () => {
    expect(() => run({ attention: 'bidirectional', cache: createCache() })).toThrow(
      "expected 'causal' with a key-value",
    );
  });

  it('gives hidden states and shares of attention by block', () => {
    tf.tidy(() => {
      const { hiddenStates, attention, last } = run({ want: { hiddenStates: true, attention: 'all' } });
      expect(hiddenStates).toHaveLength(config.text.depth + 1);
      expectClose(hiddenStates![0], embeddings);
      expectClose(hiddenStates![config.text.depth], last);
      expect(attention!.map(({ shape }) => shape)).toEqual(
        Array(config.text.depth).fill([batch, config.text.heads, length, length]),
      );
      expectClose(tf.sum(attention![0], -1), tf.ones([batch, config.text.heads, length]));
      expect(run({ want: { attention: 'last' } }).attention).toHaveLength(1);
    });
  });
});

describe('the feed-forward hook', () => {
  it('that calls the dense layer changes nothing, and hands out what it computed', () => {
    tf.tidy(() => {
      const seen: string[][] = [];
      const feedForward: FeedForward = (block, x, dense, own) => {
        seen.push(Object.keys(own));
        return { output: dense(x), extra: { block: tf.scalar(block, 'int32') } };
      };
      for (const checkpoint of [false, true]) {
        const { last, extra } = run({ feedForward, checkpoint });
        expectClose(last, run().last);
        expect(extra.map((each) => [each.block.dtype, each.block.dataSync()[0]])).toEqual([
          ['int32', 0],
          ['int32', 1],
        ]);
      }
      expect(seen[1].every((name) => name.startsWith('model.layers.1.'))).toBe(true);
      expect(seen[1]).toContain('model.layers.1.mlp.down_proj.weight');
    });
  });
});

describe('gradient checkpointing', () => {
  const dropout = { rate: 0.2, seed: tf.tensor1d([5, 6], 'int32') };
  const feedForward: FeedForward = (_, x, dense) => ({ output: dense(x), extra: { size: tf.mean(tf.square(x)) } });
  const many = { sequences: 32, length: 24 };
  const long = normal('long', many.sequences, many.length, width) as tf.Tensor3D;
  const mask = tf.concat([tf.ones([many.sequences, 20]), tf.zeros([many.sequences, 4])], 1) as tf.Tensor2D;
  /** Bytes that wait for the backward pass (weights are counted with them), the loss and its gradients. */
  const measured = (checkpoint: boolean) => {
    const own = Object.fromEntries(Object.entries(weights).filter(([name]) => name.startsWith('model.layers')));
    let waiting = 0;
    const { value, grads } = gradients(own, (from) => {
      const before = tf.memory().numBytes;
      const loss = tf.tidy(() => {
        const place = positions(0, many.length, many.sequences);
        const input = { embeddings: long, positions: place, mask, checkpoint, dropout, feedForward };
        const output = run(input, { ...weights, ...from });
        const sizes = output.extra.map(({ size }) => size);
        return tf.add(tf.sum(tf.mul(output.last, long)), tf.addN(sizes)) as tf.Scalar;
      });
      waiting = tf.memory().numBytes - before;
      return loss;
    });
    return { value, grads, waiting };
  };

  it('gives the same gradients from far less memory', () => {
    tf.tidy(() => {
      const [all, blocks] = [measured(false), measured(true)];
      expectClose(blocks.value, all.value);
      for (const [name, grad] of Object.entries(blocks.grads)) expectClose(grad, all.grads[name], name);
      expect(blocks.waiting).toBeLessThan(0.2 * all.waiting);
    });
  });

  it('leaves no tensors behind', async () => {
    const { leaked } = await countLeaks(() => tf.tidy(() => void measured(true)));
    expect(leaked).toBe(0);
  });
});

describe('embeddings', () => {
  it('are rows of the table, and image features at image tokens', () => {
    tf.tidy(() => {
      const ids = [7, 1, 1, 9, 1, 8];
      const text = embedTokens(config.text, weights, tf.tensor2d(ids, [2, 3], 'int32'));
      const features = normal('features', 3, width) as tf.Tensor2D;
      const sources = tf.tensor1d(embeddingSources(ids, tokens.image), 'int32');
      const merged = tf.unstack(tf.reshape(mergeImageTokens(text, features, sources), [6, width]));
      const rows = tf.unstack(weights['model.embed_tokens.weight']);
      const images = tf.unstack(features);
      const expected = [rows[7], images[0], images[1], rows[9], images[2], rows[8]];
      for (const [i, row] of merged.entries()) expectClose(row, expected[i]);
    });
  });

  it('are the head where it is tied, and not where it is not', () => {
    tf.tidy(() => {
      const last = normal('last', 3, width) as tf.Tensor2D;
      const table = weights['model.embed_tokens.weight'] as tf.Tensor2D;
      expectClose(logits(weights, last), tf.matMul(last, table, false, true));
      const head = normal('head', 32, width) as tf.Tensor2D;
      expectClose(logits({ ...weights, 'lm_head.weight': head }, last), tf.matMul(last, head, false, true));
    });
  });
});

it('leaves no tensors behind', async () => {
  const { leaked } = await countLeaks(
    () => {
      const cache = createCache();
      const output = run({ cache, want: { hiddenStates: true, attention: 'all' } });
      disposeCache(cache);
      return output;
    },
    ({ hiddenStates, attention }) => 1 + hiddenStates!.length + attention!.length,
  );
  expect(leaked).toBe(0);
});
