import { wrongOption } from '../../checks/error.js';
import { type Weights, weightsUnder } from '../../engine/flat-weights.js';
import { gatherRows } from '../../engine/native-ops.js';
import * as tf from '../../engine/tf.js';
import { adaptedLinear, type TokenAdapters } from './adapted-linear.js';
import { attend, attentionMask, attentionWeights, fromHeads, toHeads } from './attention.js';
import { type DecoderConfig, headWidthOf } from './decoder-config.js';
import { HEAD, LAST_NORM, languageBlock, TOKENS } from './decoder-names.js';
import { type BlockOutput, checkpoint } from './gradient-checkpoint.js';
import { cachedLength, extendCache, type KeyValueCache } from './key-value-cache.js';
import { type Dropout, drop, linear, rmsNorm, swiglu } from './layers.js';
import { inverseFrequencies, type RotaryTable, rotaryTable, rotate, scaledTable } from './rotary.js';

/**
 * Replaces a block's feed-forward layer. Arguments: the block's number; normalised tokens [batch, length, width]; the dense layer that is
 * replaced (a function of tokens of the same shape); and the block's weights (all whose name starts with `model.layers.{block}.`). Further
 * output tensors, such as a router's loss, go into `extra`.
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
  /** [batch, length], or with a cache [batch, all tokens so far]; 1 = real token. By default all are real. */
  mask?: tf.Tensor2D;
  attention: 'causal' | 'bidirectional';
  feedForward?: FeedForward;
  /** Receives the input of every linear layer [rows, in], by its name, and that of `model.layers.{block}.mlp`. The tensor is freed afterwards. */
  observe?: (module: string, input: tf.Tensor2D) => void;
  /** Requires causal attention. The given tokens follow those in the cache and are appended to it. */
  cache?: KeyValueCache;
  /** Added to the tokens after the first blocks, one a block [batch, length, width]: deepstack's visual features (Qwen3-VL). */
  deepstack?: readonly tf.Tensor3D[];
  /** What enters the next block in place of the states after a block [batch, length, width]; the given ones where nothing changes. */
  afterBlock?: (block: number, states: tf.Tensor3D) => tf.Tensor3D;
  want?: { hiddenStates?: boolean; attention?: 'last' | 'all' };
  /** Run this block alone, on its input in place of the embeddings. There is no final norm then. */
  onlyBlock?: number;
  /** Adapters that some tokens use and others do not; rows are tokens, batch by batch. */
  adapters?: TokenAdapters;
  dropout?: Dropout;
  /** Gradient checkpointing: recompute each block in the backward pass, so that activations of only one block are in memory. */
  checkpoint?: boolean;
}

export type LanguageOutput = {
  /** Hidden states after the final norm [batch, length, width]; what a block alone puts out. */
  last: tf.Tensor3D;
  /** Embeddings, then after each block, deepstack's features not yet added; the last one after the final norm [batch, length, width]. */
  hiddenStates?: tf.Tensor3D[];
  /** Attention weights of the last block or of all blocks: [batch, heads, length, keys]. */
  attention?: tf.Tensor4D[];
  /** The `extra` tensors of `feedForward`, per block. */
  extra: Record<string, tf.Tensor>[];
};

/** Inputs that all blocks of one forward pass share. */
interface BlockContext {
  batch: number;
  keys: RotaryTable;
  queries: RotaryTable;
  mask: tf.Tensor3D | undefined;
  dropout: Dropout | undefined;
}

/**
 * Run A language model from embeddings to the final norm. A pure function, except that it extends the cache.
 * @throws UserError for a cache with bidirectional attention, where earlier tokens would have to attend to later ones
 */
export function runLanguage(config: DecoderConfig, weights: Weights, input: LanguageInput): LanguageOutput {
  if (input.cache && input.attention !== 'causal')
    throw wrongOption('attention', input.attention, "'causal' with a key-value cache", 'Leave the cache out.');
  return tf.tidy(() => {
    const [batch, length, width] = input.embeddings.shape;
    const table = languageTable(config, input.positions);
    const context: BlockContext = {
      batch,
      keys: table,
      queries: scaledTable(table, headWidthOf(config) ** -0.5),
      mask: attentionMask(input.mask, length, cachedLength(input.cache) + length, input.attention === 'causal'),
      dropout: input.dropout,
    };
    let x = tf.reshape(input.embeddings, [batch * length, width]) as tf.Tensor2D;
    const wantStates = input.want?.hiddenStates ?? false;
    const states = wantStates ? [x] : [];
    const attention: tf.Tensor4D[] = [];
    const extra: Record<string, tf.Tensor>[] = [];
    const { onlyBlock: first = 0 } = input;
    const end = input.onlyBlock === undefined ? config.depth : first + 1;
    for (let block = first; block < end; block++) {
      const before = x;
      const own = weightsUnder(weights, languageBlock(block));
      const want = input.want?.attention;
      const wantWeights = want === 'all' || (want === 'last' && block === end - 1);
      const result: BlockResult = tf.tidy(() =>
        input.checkpoint && !wantWeights && !input.cache
          ? checkpoint((...given) => runBlock(config, block, input, ...given), x, own, context)
          : runBlock(config, block, input, x, own, context, wantWeights),
      );
      x = result.x;
      if (wantStates) states.push(x);
      else before.dispose();
      const visual = input.deepstack?.[block];
      if (visual) {
        x = tf.add(result.x, tf.reshape(visual, x.shape));
        if (!wantStates) result.x.dispose();
      }
      if (input.afterBlock) {
        const states = input.afterBlock(block, tf.reshape(x, [batch, length, width]));
        x = tf.reshape(states, x.shape);
      }
      extra.push(result.extra);
      if (result.attention) attention.push(result.attention);
    }
    const last = input.onlyBlock === undefined ? rmsNorm(x, weights[LAST_NORM], config.normEpsilon) : x;
    const byToken = (state: tf.Tensor2D): tf.Tensor3D => tf.reshape(state, [batch, length, width]);
    return {
      last: byToken(last),
      extra,
      ...(wantStates ? { hiddenStates: [...states.slice(0, -1), last].map(byToken) } : {}),
      ...(attention.length ? { attention } : {}),
    };
  });
}

type BlockResult = BlockOutput & { attention?: tf.Tensor4D };

function runBlock(
  config: DecoderConfig,
  block: number,
  { cache, feedForward, observe, adapters }: Pick<LanguageInput, 'cache' | 'feedForward' | 'observe' | 'adapters'>,
  x: tf.Tensor2D,
  weights: Weights,
  { batch, keys: keyTable, queries: queryTable, mask, dropout }: BlockContext,
  wantWeights = false,
): BlockResult {
  const weight = (name: string) => weights[`${languageBlock(block)}${name}`];
  const layer = (name: string, from: tf.Tensor2D) => {
    observe?.(`${languageBlock(block)}${name}`, from);
    return adaptedLinear(weights, `${languageBlock(block)}${name}`, from, adapters);
  };
  const project = (name: string, from: tf.Tensor2D, heads: number) =>
    toHeads(layer(`self_attn.${name}_proj`, from), batch, heads);
  const normed = rmsNorm(x, weight('input_layernorm.weight'), config.normEpsilon);
  const scaled = (name: 'q' | 'k', x: tf.Tensor4D): tf.Tensor4D => {
    if (!config.queryKeyNorm) return x;
    const rows = tf.reshape(x, [-1, headWidthOf(config)]) as tf.Tensor2D;
    return tf.reshape(rmsNorm(rows, weight(`self_attn.${name}_norm.weight`), config.normEpsilon), x.shape);
  };
  const queries = rotate(scaled('q', project('q', normed, config.heads)), queryTable);
  let keys = rotate(scaled('k', project('k', normed, config.keyValueHeads)), keyTable);
  let values = project('v', normed, config.keyValueHeads);
  if (cache) ({ keys, values } = extendCache(cache, block, keys, values));
  const attended = layer('self_attn.o_proj', fromHeads(attend(queries, keys, values, mask)));
  const afterAttention: tf.Tensor2D = tf.add(x, drop(attended, dropout, 2 * block));

  const inner = rmsNorm(afterAttention, weight('post_attention_layernorm.weight'), config.normEpsilon);
  observe?.(`${languageBlock(block)}mlp`, inner);
  const dense = (from: tf.Tensor2D) =>
    layer('mlp.down_proj', swiglu(layer('mlp.gate_proj', from), layer('mlp.up_proj', from)));
  const { output, extra } = feedForward
    ? inShape(feedForward, block, inner, batch, dense, weights)
    : { output: dense(inner), extra: {} };
  return {
    x: tf.add(afterAttention, drop(output, dropout, 2 * block + 1)),
    extra,
    ...(wantWeights ? { attention: tf.transpose(attentionWeights(queries, keys, mask), [1, 0, 2, 3]) } : {}),
  };
}

/** Call `feedForward` with tokens of shape [batch, length, width]. */
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

/** Multimodal rotary positions: time, row and column each rotate a part of the frequencies (arXiv 2409.12191, section 2.1). */
function languageTable(config: DecoderConfig, positions: tf.Tensor3D): RotaryTable {
  const axisOf = config.mropeInterleaved
    ? interleavedAxes(config.mropeSection)
    : config.mropeSection.flatMap((count, axis) => Array<number>(count).fill(axis));
  const rows = tf.transpose(tf.reshape(positions, [3, -1])) as tf.Tensor2D;
  return rotaryTable(rows, inverseFrequencies(headWidthOf(config), config.ropeTheta), axisOf);
}

/** Time, row and column take turns as long as rows and columns have frequencies left; the rest is time (Qwen3-VL). */
function interleavedAxes(section: DecoderConfig['mropeSection']): number[] {
  const half = section.reduce((sum, count) => sum + count, 0);
  return Array.from({ length: half }, (_, at) => (at < 3 * section[at % 3] ? at % 3 : 0));
}

/** Token embeddings [batch, length, width] of `ids` [batch, length] (int32). */
export function embedTokens(config: DecoderConfig, weights: Weights, ids: tf.Tensor2D): tf.Tensor3D {
  return tf.tidy(() => {
    const rows = gatherRows(weights[TOKENS] as tf.Tensor2D, tf.reshape(ids, [-1]));
    return tf.reshape(rows, [...ids.shape, config.width]) as tf.Tensor3D;
  });
}

/**
 * Row that each token's embedding is gathered from: its own position, or for an image token the next row of the image features. For
 * `mergeImageTokens`.
 */
export function embeddingSources(ids: ArrayLike<number>, imageTokenId: number): Int32Array {
  let images = ids.length;
  return Int32Array.from(ids, (id, place) => (id === imageTokenId ? images++ : place));
}

/**
 * Replace the embeddings of image tokens in `embeddings` [batch, length, width] by image features [tokens, width], given in the order of
 * the batch. `sources` [batch * length] (int32) is `embeddingSources` of all ids, row by row.
 */
export function mergeImageTokens(embeddings: tf.Tensor3D, features: tf.Tensor2D, sources: tf.Tensor1D): tf.Tensor3D {
  return tf.tidy(() => {
    const [batch, length, width] = embeddings.shape;
    const rows = tf.concat([tf.reshape(embeddings, [batch * length, width]) as tf.Tensor2D, features], 0);
    return tf.reshape(gatherRows(rows, sources), embeddings.shape);
  });
}

/** Logits over the vocabulary [rows, vocabSize] of hidden states [rows, width] after the final norm. */
export function logits(weights: Weights, last: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => linear(last, weights[HEAD] ?? weights[TOKENS]));
}
