import { setImmediate } from 'node:timers/promises';
import { wrongOption } from '../../checks/error.js';
import { fillIn } from '../../checks/fill-in.js';
import { flatten, unflatten, type Weights } from '../../engine/flat-weights.js';
import { type LongCall, longCall } from '../../engine/long-call.js';
import { type RandomStream, randomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';
import type { Sequence } from '../../moon/sequence.js';
import type { Pixels } from '../../pictures/picture-store.js';
import { largest, largestByRow, masked } from '../../weights/largest.js';
import { diversity, likeness, outlierShare } from '../../weights/prune/layer-ratios.js';
import { type FilledPrune, type PruneOption, pruneSchema } from '../../weights/prune/option.js';
import { sparseGpt } from '../../weights/prune/sparse-gpt.js';
import type { Encoder } from '../encoder.js';
import { blockImportance } from './block-importance.js';
import type { Calibration } from './calibration.js';
import { type InputSums, openInputs } from './input-statistics.js';
import { keptCounts, valuesOf } from './kept-counts.js';
import { type PrunedMatrix, prunedMatrices } from './matrices.js';
import { type BlockReading, openBlockRun } from './read-blocks.js';

/** What was done to one block. */
export interface BlockReport {
  block: number;
  /** Of its pruned matrices, and zeros among them afterwards. */
  weights: number;
  zeros: number;
  /** Calibration tokens, and those that the scores saw; 0 for scores that see none. */
  tokens: number;
  seen: number;
  /** Experts' layers that no calibration token reached, which were pruned by magnitude. */
  unreached: string[];
}

/** What pruning did; plain JSON. */
export interface PruneReport {
  weights: number;
  zeros: number;
  /** Of the calibration. */
  sequences: number;
  blocks: BlockReport[];
}

export interface PruneEncoderOptions {
  signal?: AbortSignal;
}

/** A network on its way: `weights` are replaced block by block. */
interface Work {
  encoder: Encoder;
  weights: Weights;
  matrices: readonly PrunedMatrix[];
  calibration: Calibration;
  pixels: Pixels;
  option: FilledPrune;
  stream(name: string): RandomStream;
  /** Take the calibration sequences from block to block; `atBlock` is called before each. */
  pass(atBlock: (block: number, read: ReadAll) => Promise<void>): Promise<void>;
}

/** Run all calibration sequences through the block that they stand before (`BlockRun.read`). */
type ReadAll = (use: (reading: BlockReading) => void, withTokens?: boolean) => Promise<void>;

/**
 * Prune the linear layers of an encoder's language model, experts included: block by block, with the inputs that the pruned blocks before it give.
 * Embeddings, gates and vision stay. Zeros are stored as any other number, so the network becomes neither smaller nor faster. The encoder is not
 * changed; the caller frees the parameters of both.
 * @throws UserError for a wrong option, and if interrupted
 */
export async function pruneEncoder(
  encoder: Encoder,
  calibration: Calibration,
  pixels: Pixels,
  given: PruneOption,
  { signal }: PruneEncoderOptions = {},
): Promise<{ encoder: Encoder; report: PruneReport }> {
  const option = fillIn(pruneSchema, given, 'prune');
  if (!(option.sparsity > 0 && option.sparsity < 1))
    throw wrongOption('prune.sparsity', option.sparsity, 'a fraction above 0 and below 1');
  const sequences = [...calibration.queries, ...calibration.items];
  const weights = tf.tidy(() => unflatten(encoder.parameters, encoder.layout));
  const shapes = Object.entries(weights).map(([name, { shape }]): [string, number[]] => [name, shape]);
  const matrices = prunedMatrices(Object.fromEntries(shapes));
  try {
    return await longCall(signal, async (call) => {
      const work: Work = {
        encoder,
        weights,
        matrices,
        calibration,
        pixels,
        option,
        stream: (name) => randomStream(option.seed, `prune/${name}`),
        pass: (atBlock) => passThrough(work, sequences, call, atBlock),
      };
      const measured = await measureBlocks(work);
      const counts = keptCounts(matrices, weights, option, (block) => measured.get(block)!);
      const done: BlockReport[] = [];
      await work.pass(async (block, read) => void done.push(await pruneBlock(work, block, counts, read)));
      const copies = Object.entries(weights).map(([name, weight]): [string, tf.Tensor] => [name, tf.clone(weight)]);
      return {
        encoder: { ...encoder, ...flatten(Object.fromEntries(copies)) },
        report: reportOf(done, sequences.length),
      };
    });
  } finally {
    tf.dispose(weights);
  }
}

async function passThrough(
  { encoder, weights, pixels }: Work,
  sequences: readonly Sequence[],
  { signal, show }: LongCall,
  atBlock: (block: number, read: ReadAll) => Promise<void>,
): Promise<void> {
  const { depth } = encoder.model.network.text;
  const run = openBlockRun(encoder, weights, sequences, pixels);
  const all = async (block: number, each: (batch: number) => void) => {
    for (let batch = 0; batch < run.batches; batch++) {
      await setImmediate();
      signal.throwIfAborted();
      show({ label: `block ${block}`, done: batch, total: run.batches });
      each(batch);
    }
  };
  try {
    for (let block = 0; block < depth; block++) {
      await atBlock(block, (use, withTokens) => all(block, (batch) => use(run.read(batch, withTokens))));
      if (block < depth - 1) await all(block, run.advance);
    }
  } finally {
    run.dispose();
  }
}

const ofBlock = (matrices: readonly PrunedMatrix[], block: number) =>
  matrices.filter((matrix) => matrix.block === block);

/** What the ratio of each block follows from, on the dense network; nothing for equal ratios. */
async function measureBlocks(work: Work): Promise<Map<number, number>> {
  const measured = new Map<number, number>();
  const { kind } = work.option.ratios;
  if (kind !== 'uniform')
    await work.pass(async (block, read) => void measured.set(block, await measureBlock(work, block, read)));
  return measured;
}

async function measureBlock(work: Work, block: number, read: ReadAll): Promise<number> {
  const { encoder, weights, calibration, pixels, option } = work;
  const { ratios } = option;
  const own = ofBlock(work.matrices, block);
  if (ratios.kind === 'ecoflap')
    return blockImportance(encoder, weights, own, calibration, pixels, {
      epsilon: ratios.epsilon,
      stream: work.stream('direction'),
    });
  if (ratios.kind === 'owl') {
    const inputs = openInputs({ tokens: { kind: 'all' }, score: { kind: 'wanda' } }, work.stream('none'));
    await read((reading) => inputs.add(reading));
    const scores = own.flatMap((matrix) => {
      const sums = inputs.of(matrix.input);
      return sums ? [wandaScores(valuesOf(matrix, weights), sums)] : [];
    });
    return outlierShare(scores, ratios.factor);
  }
  let [sum, count] = [0, 0];
  await read(({ tokens }) => {
    for (const { units, isImage } of tokens) sum += diversity(likeness(units, isImage));
    count += tokens.length;
  }, true);
  return sum / count;
}

/** Prune the matrices of a block and replace its weights. */
async function pruneBlock(work: Work, block: number, counts: readonly number[], read: ReadAll): Promise<BlockReport> {
  const { weights, matrices, option } = work;
  const own = ofBlock(matrices, block);
  const inputs = openInputs(option, work.stream(`tokens of block ${block}`));
  const needsInputs = option.score.kind === 'wanda' || option.score.kind === 'sparsegpt';
  if (needsInputs) await read((reading) => inputs.add(reading), option.tokens.kind !== 'all');
  const changed = new Map(
    own.map(({ tensor }): [string, Float32Array] => [tensor, weights[tensor].dataSync<'float32'>().slice()]),
  );
  let zeros = 0;
  const unreached: string[] = [];
  for (const matrix of own) {
    const sums = inputs.of(matrix.input);
    if (needsInputs && !sums) unreached.push(matrix.input);
    const stream = work.stream(`${matrix.tensor} ${matrix.start}`);
    const kept = counts[matrices.indexOf(matrix)];
    const values = prunedValues(valuesOf(matrix, weights), matrix, kept, { sums, score: option.score, stream });
    changed.get(matrix.tensor)!.set(values, matrix.start);
    zeros += values.reduce((sum, value) => sum + Number(value === 0), 0);
  }
  for (const [name, values] of changed) {
    const before = weights[name];
    weights[name] = tf.tensor(values, before.shape);
    before.dispose();
  }
  const size = own.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  return { block, weights: size, zeros, tokens: inputs.tokens, seen: inputs.seen, unreached };
}

/** @param sums of the matrix's inputs; without them a score that needs them is the magnitude */
function prunedValues(
  values: Float32Array,
  { columns }: PrunedMatrix,
  count: number,
  { sums, score, stream }: { sums: InputSums | undefined; score: FilledPrune['score']; stream: RandomStream },
): Float32Array {
  const keep = (scores: Float32Array, byRow: boolean) =>
    masked(values, byRow ? largestByRow(scores, columns, count) : largest(scores, count));
  switch (score.kind) {
    case 'random':
      return keep(values.map(stream.uniform), false);
    case 'magnitude':
      return keep(values, score.among === 'row');
    case 'wanda':
      return keep(sums ? wandaScores(values, sums) : values, true);
    case 'sparsegpt':
      return sums?.products
        ? sparseGpt(values, sums.products, count, { damping: score.damping, block: score.columns })
        : keep(values, true);
  }
}

/** |weight| times the length of its input over the tokens. */
const wandaScores = (values: Float32Array, { squares }: InputSums): Float32Array =>
  values.map((value, at) => Math.abs(value) * Math.sqrt(squares[at % squares.length]));

function reportOf(blocks: readonly BlockReport[], sequences: number): PruneReport {
  const sum = (of: (block: BlockReport) => number) => blocks.reduce((total, block) => total + of(block), 0);
  return {
    weights: sum(({ weights }) => weights),
    zeros: sum(({ zeros }) => zeros),
    sequences,
    blocks: [...blocks],
  };
}
