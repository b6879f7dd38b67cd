import { describe, expect, it } from 'vitest';
import { embeddingSources, embedTokens, mergeImageTokens, runLanguage } from '../../../src/backbones/layers/decoder.js';
import { ropeIndex } from '../../../src/backbones/qwen25vl/positions.js';
import { encodeImages } from '../../../src/backbones/qwen25vl/vision.js';
import { loadConfig, loadWeights } from '../../../src/backbones/qwen25vl/weights.js';
import * as tf from '../../../src/engine/tf.js';
import { relativeError } from '../close.js';
import { folders, openReference } from './reference.js';

/** `verify.test.ts` compares prompts alone, output by output; here all of them run as one batch of unequal sequences. */
describe.each([
  { name: 'fixture', dir: folders.fixture, tags: [] },
  { name: 'shared', dir: folders.shared, tags: ['data' as const] },
])('of the $name folder', ({ dir, tags }) => {
  it.each(['left', 'right'])(
    'one batch gives what transformers gives each alone, padded on the %s',
    { tags },
    (side) => {
      const config = loadConfig(dir);
      const weights = loadWeights(dir);
      const reference = openReference(dir);
      const prompts = Object.keys(reference.imagesOf);
      const given = prompts.map((name) => [...reference.numbers(`${name}.input_ids`)]);
      const length = Math.max(...given.map((ids) => ids.length));
      const starts = given.map((ids) => (side === 'left' ? length - ids.length : 0));
      /** Into rows of one length; `outside` stands in the padding. */
      const padded = (rows: number[][], outside: number) =>
        rows.map((row, i) => Array.from({ length }, (_, at) => row[at - starts[i]] ?? outside));
      tf.tidy(() => {
        const ids = padded(given, 0);
        const mask = padded(
          given.map((row) => row.map(() => 1)),
          0,
        );
        const grids = prompts.map((name) => reference.imagesOf[name].map((image) => reference.grids[image]));
        const { positions } = ropeIndex(
          ids.map((row, i) => ({ ids: row, mask: mask[i], grids: grids[i] })),
          { imageTokenId: config.imageTokenId, mergeSize: config.vision.mergeSize },
        );
        const features = prompts.flatMap((name) =>
          reference.imagesOf[name].map((image) => {
            const grid = reference.grids[image];
            const patches = tf.reshape<tf.Rank.R3>(reference.patches(image), [1, grid.t * grid.h * grid.w, -1]);
            return tf.squeeze<tf.Tensor2D>(
              encodeImages(config.vision, weights, { kind: 'patches', patches, grid }).tokens,
              [0],
            );
          }),
        );
        const sources = tf.tensor1d(embeddingSources(ids.flat(), config.imageTokenId), 'int32');
        const text = embedTokens(config.text, weights, tf.tensor2d(ids, undefined, 'int32'));
        const { last } = runLanguage(config.text, weights, {
          embeddings: mergeImageTokens(text, tf.concat(features, 0), sources),
          positions: tf.tensor3d(positions, [3, prompts.length, length], 'int32'),
          mask: tf.tensor2d(mask),
          attention: 'causal',
        });
        for (const [row, name] of prompts.entries()) {
          const ours = tf.slice(last, [row, starts[row], 0], [1, given[row].length, config.text.width]);
          const theirs = reference.numbers(`${name}.hidden_${config.text.depth}`);
          expect(relativeError(ours.dataSync(), theirs), name).toBeLessThan(1e-4);
        }
      });
      tf.dispose(weights);
    },
  );
});
