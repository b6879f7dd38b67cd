import { wrongOption } from '../../checks/error.js';
import type { Weights } from '../../engine/flat-weights.js';
import { gatherRows } from '../../engine/native-ops.js';
import * as tf from '../../engine/tf.js';
import { attend, attentionMask, attentionShares, fromHeads, toHeads } from '../layers/attention.js';
import { type BlockOutput, checkpoint } from '../layers/gradient-checkpoint.js';
import { cachedLength, extendCache, type KeyValueCache } from '../layers/key-value-cache.js';
import { type Dropout, drop, linear, rmsNorm, swiglu } from '../layers/layers.js';
import { inverseFrequencies, type RotaryTable, rotaryTable, rotate, scaledTable } from '../layers/rotary.js';
import type { TextConfig } from './config.js';
import { denseNames, HEAD, LAST_NORM, languageBlock, TOKENS } from './names.js';
import { weightsUnder } from './weights.js';

/**
 * What stands in the place of a block's feed-forward layer: gets the block's number, normed tokens [batch, length, width],
 * the dense layer that it replaces (a function of tokens of the same shape) and the block's weights (all whose
 * name starts with `model.layers.{block}.`). Tensors beside the output, such as a router's loss, go into `extra`.
 */
export type FeedForward = (
  block: number,
  x: tf.Tensor3D,
  dense: (x: tf.Tensor3D) => tf.Tensor3D,
  weights: Weights,
) => tf.Tensor3D | { output: tf.Tensor3D; extra: Record<string, tf.Tensor> };

export interface LanguageInput {
  /** [batch, length, width] */
  embeddings: tf.Tensor3D;
  /** [3, batch, length] int32: time, row, column of each token (`ropeIndex`). */
  positions: tf.Tensor3D;
  /** [batch, length] (with a cache: [batch, all tokens so far]), 1 = real token; without it, all are real. */
  mask?: tf.Tensor2D;
  attention: 'causal' | 'bidirectional';
  feedForward?: FeedForward;
  /** Only causal: the tokens given follow those in the cache, and are added to it. */
  cache?: KeyValueCache;
  want?: { hiddenStates?: boolean; attention?: 'last' | 'all' };
  dropout?: Dropout;
  /** Keep no block's inside for the backward pass: run it again there. Needs memory for one block instead of all. */
  checkpoint?: boolean;
}

export type LanguageOutput = {
  /** After the final norm [batch, length, width]. */
  last: tf.Tensor3D;
  /** Embeddings, then after each block; the last one after the final norm [batch, length, width]. */
  hiddenStates?: tf.Tensor3D[];
  /** Of the last block or of all: [batch, heads, length, keys]. */
  attention?: tf.Tensor4D[];
  /** What `feedForward` gave beside its output, by block. */
  extra: Record<string, tf.Tensor>[];
};

/** What all blocks of one run share. */
interface Surroundings {
  batch: number;
  keys: RotaryTable;
  queries: RotaryTable;
  mask: tf.Tensor3D | undefined;
  dropout: Dropout | undefined;
}

/**
 * Qwen2.5-VL's language model from embeddings to the final norm. A pure function of its arguments, but for the cache.
 * @throws UserError for a cache with bidirectional attention: earlier tokens would have to see later ones
 */
export function runLanguage(config: TextConfig, weights: Weights, input: LanguageInput): LanguageOutput {
  if (input.cache && input.attention !== 'causal')
    throw wrongOption('attention', input.attention, "'causal' with a key-value cache", 'Leave the cache out.');
  return tf.tidy(() => {
    const [batch, length, width] = input.embeddings.shape;
    const table = languageTable(config, input.positions);
    const around: Surroundings = {
      batch,
      keys: table,
      queries: scaledTable(table, (config.width / config.heads) ** -0.5),
      mask: attentionMask(input.mask, length, cachedLength(input.cache) + length, input.attention === 'causal'),
      dropout: input.dropout,
    };
    let x = tf.reshape(input.embeddings, [batch * length, width]) as tf.Tensor2D;
    const states: tf.Tensor2D[] = [];
    const attention: tf.Tensor4D[] = [];
    const extra: Record<string, tf.Tensor>[] = [];
    for (let block = 0; block < config.depth; block++) {
      const before = x;
      const own = weightsUnder(weights, languageBlock(block));
      const want = input.want?.attention;
      const shares = want === 'all' || (want === 'last' && block === config.depth - 1);
      const result: BlockResult = tf.tidy(() =>
        input.checkpoint && !shares && !input.cache
          ? checkpoint((...given) => runBlock(config, block, input, ...given), x, own, around)
          : runBlock(config, block, input, x, own, around, shares),
      );
      x = result.x;
      if (input.want?.hiddenStates) states.push(before);
      else before.dispose();
      extra.push(result.extra);
      if (result.shares) attention.push(result.shares);
    }
    const last = rmsNorm(x, weights[LAST_NORM], config.normEpsilon);
    const byToken = (state: tf.Tensor2D): tf.Tensor3D => tf.reshape(state, [batch, length, width]);
    return {
      last: byToken(last),
      extra,
      ...(input.want?.hiddenStates ? { hiddenStates: [...states, last].map(byToken) } : {}),
      ...(attention.length ? { attention } : {}),
    };
  });
}

type BlockResult = BlockOutput & { shares?: tf.Tensor4D };

function runBlock(
  config: TextConfig,
  block: number,
  { cache, feedForward }: Pick<LanguageInput, 'cache' | 'feedForward'>,
  x: tf.Tensor2D,
  weights: Weights,
  { batch, keys: keyTable, queries: queryTable, mask, dropout }: Surroundings,
  wantShares = false,
): BlockResult {
  const weight = (name: string) => weights[`${languageBlock(block)}${name}`];
  const project = (name: string, from: tf.Tensor2D, heads: number) =>
    toHeads(linear(from, weight(`self_attn.${name}_proj.weight`), weight(`self_attn.${name}_proj.bias`)), batch, heads);
  const normed = rmsNorm(x, weight('input_layernorm.weight'), config.normEpsilon);
  const queries = rotate(project('q', normed, config.heads), queryTable);
  let keys = rotate(project('k', normed, config.keyValueHeads), keyTable);
  let values = project('v', normed, config.keyValueHeads);
  if (cache) ({ keys, values } = extendCache(cache, block, keys, values));
  const seen = linear(fromHeads(attend(queries, keys, values, mask)), weight('self_attn.o_proj.weight'));
  const looked: tf.Tensor2D = tf.add(x, drop(seen, dropout, 2 * block));

  const inner = rmsNorm(looked, weight('post_attention_layernorm.weight'), config.normEpsilon);
  const dense = (from: tf.Tensor2D) => {
    const { gate, up, down } = denseNames(block);
    return linear(swiglu(linear(from, weights[gate]), linear(from, weights[up])), weights[down]);
  };
  const { output, extra } = feedForward
    ? inShape(feedForward, block, inner, batch, dense, weights)
    : { output: dense(inner), extra: {} };
  return {
    x: tf.add(looked, drop(output, dropout, 2 * block + 1)),
    extra,
    ...(wantShares ? { shares: tf.transpose(attentionShares(queries, keys, mask), [1, 0, 2, 3]) } : {}),
  };
}

/** Call the hook with tokens in the shape [batch, length, width]. */
function inShape(
  feedForward: FeedForward,
  block: number,
  x: tf.Tensor2D,
  batch: number,
  dense: (x: tf.Tensor2D) => tf.Tensor2D,
  weights: Weights,
): { output: tf.Tensor2D; extra: Record<string, tf.Tensor> } {
  const flat = (from: tf.Tensor3D) => tf.reshape(from, x.shape) as tf.Tensor2D;
  const shaped = (from: tf.Tensor2D): tf.Tensor3D => tf.reshape(from, [batch, x.shape[0] / batch, x.shape[1]]);
  const result = feedForward(block, shaped(x), (from) => shaped(dense(flat(from))), weights);
  return result instanceof tf.Tensor
    ? { output: flat(result), extra: {} }
    : { output: flat(result.output), extra: result.extra };
}

/** Time, row and column turn a share of the frequencies each (multimodal rotary positions, arXiv 2409.12191, section 2.1). */
function languageTable(config: TextConfig, positions: tf.Tensor3D): RotaryTable {
  const axisOf = config.mropeSection.flatMap((count, axis) => Array<number>(count).fill(axis));
  const rows = tf.transpose(tf.reshape(positions, [3, -1])) as tf.Tensor2D;
  return rotaryTable(rows, inverseFrequencies(config.width / config.heads, config.ropeTheta), axisOf);
}

/** Token embeddings [batch, length, width] of `ids` [batch, length] (int32). */
export function embedTokens(config: TextConfig, weights: Weights, ids: tf.Tensor2D): tf.Tensor3D {
  return tf.tidy(() => {
    const rows = gatherRows(weights[TOKENS] as tf.Tensor2D, tf.reshape(ids, [-1]));
    return tf.reshape(rows, [...ids.shape, config.width]) as tf.Tensor3D;
  });
}

/** Where each token's embedding comes from: its own row, or the next row of image features. For `mergeImageTokens`. */
export function embeddingSources(ids: ArrayLike<number>, imageTokenId: number): Int32Array {
  let images = ids.length;
  return Int32Array.from(ids, (id, place) => (id === imageTokenId ? images++ : place));
}

/**
 * Put image features [tokens, width], in the order of the batch, at the image tokens' places of `embeddings`
 * [batch, length, width]. `sources` [batch * length] (int32) is `embeddingSources` of all ids, row by row.
 */
export function mergeImageTokens(embeddings: tf.Tensor3D, features: tf.Tensor2D, sources: tf.Tensor1D): tf.Tensor3D {
  return tf.tidy(() => {
    const [batch, length, width] = embeddings.shape;
    const rows = tf.concat([tf.reshape(embeddings, [batch * length, width]) as tf.Tensor2D, features], 0);
    return tf.reshape(gatherRows(rows, sources), embeddings.shape);
  });
}

/** Scores of every token of the vocabulary [rows, vocabSize] for hidden states [rows, width] after the final norm. */
export function logits(weights: Weights, last: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => linear(last, weights[HEAD] ?? weights[TOKENS]));
}
