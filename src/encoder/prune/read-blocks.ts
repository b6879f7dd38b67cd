import { type LanguageInput, runLanguage } from '../../backbones/layers/decoder.js';
import { languageBlock } from '../../backbones/layers/decoder-names.js';
import { linear, swiglu } from '../../backbones/layers/layers.js';
import type { Weights } from '../../engine/flat-weights.js';
import * as tf from '../../engine/tf.js';
import { unit } from '../../losses/unit-rows.js';
import { type Batch, type BatchTensors, buildBatch } from '../../moon/batch.js';
import { groupNumbers } from '../../moon/experts/groups.js';
import { groupNames, namedGroups, ORDINARY } from '../../moon/experts/option.js';
import { batchOptions, languageInput, type MoonModel } from '../../moon/model.js';
import type { Sequence } from '../../moon/sequence.js';
import { expertNames } from '../../moon/weight-names.js';
import type { Pixels } from '../../pictures/picture-store.js';
import type { Encoder } from '../encoder.js';
import { uploadPictured } from '../upload.js';
import { expertInput } from './matrices.js';

/** What a block made of the real tokens of one sequence. */
export interface ReadTokens {
  isImage: boolean[];
  /** Unit vectors of the block's outputs [tokens, width]. */
  units: Float32Array;
  /** How much each is attended to: by the last token where attention is causal, else by all on average; the mean over heads. */
  attention: number[];
}

/** What a block did to a batch. */
export interface BlockReading {
  /** Rows of the batch that are the real tokens of each sequence. */
  rows: readonly (readonly number[])[];
  /** Of each sequence, where it was asked for. */
  tokens: readonly ReadTokens[];
  /** The input of each linear layer, by name, and the rows of the batch that its rows are. */
  inputs: Map<string, { values: Float32Array; rows: readonly number[] }>;
}

/** Sequences on their way through the blocks of the language model, a batch of them at a time. */
export interface BlockRun {
  batches: number;
  /**
   * Run a batch through the block that it stands before, with the weights as they are, and read what happens on the host.
   * @param withTokens also read what the block makes of the tokens
   */
  read(batch: number, withTokens?: boolean): BlockReading;
  /** Take a batch behind the block. */
  advance(batch: number): void;
  dispose(): void;
}

/** Sequences that are read together. */
const BATCH = 16;

/** Bring sequences before the first block. @param weights in place of the encoder's; the caller may replace those of blocks on the way */
export function openBlockRun(
  { model }: Encoder,
  weights: Weights,
  sequences: readonly Sequence[],
  pixels: Pixels,
): BlockRun {
  const { text } = model.network;
  const parts = Array.from({ length: Math.ceil(sequences.length / BATCH) }, (_, at) =>
    openPart(model, weights, sequences.slice(at * BATCH, (at + 1) * BATCH), pixels),
  );
  return {
    batches: parts.length,
    read(at, withTokens = false) {
      const { batch, input, block } = parts[at];
      const prefix = languageBlock(block);
      let reading: BlockReading | undefined;
      tf.tidy(() => {
        const inputs: BlockReading['inputs'] = new Map();
        const rows = [...batch.mask.keys()];
        const observe = (module: string, x: tf.Tensor2D) =>
          inputs.set(module, { values: x.dataSync<'float32'>().slice(), rows });
        const { last, attention, extra } = runLanguage(text, weights, {
          ...input,
          onlyBlock: block,
          observe,
          want: withTokens ? { attention: 'all' } : {},
        });
        if (extra[0].choices) {
          const inner = inputs.get(`${prefix}mlp`)!.values;
          const choices = extra[0].choices.dataSync<'int32'>();
          for (const [name, read] of expertInputs(model, weights, batch, block, inner, choices)) inputs.set(name, read);
        }
        const real = rowsOf(batch);
        const tokens = attention ? tokensOf(batch, real, last, attention[0], model.attention) : [];
        reading = { rows: real, tokens, inputs };
      });
      return reading!;
    },
    advance(at) {
      const part = parts[at];
      const { embeddings } = part.input;
      part.input.embeddings = runLanguage(text, weights, { ...part.input, onlyBlock: part.block }).last;
      embeddings.dispose();
      part.block++;
    },
    dispose: () => {
      for (const { tensors, input } of parts) tf.dispose([tensors, input.embeddings, ...(input.deepstack ?? [])]);
    },
  };
}

/** A batch of sequences and what the next block reads of it. */
interface Part {
  batch: Batch;
  tensors: BatchTensors;
  input: LanguageInput;
  block: number;
}

function openPart(model: MoonModel, weights: Weights, sequences: readonly Sequence[], pixels: Pixels): Part {
  const batch = buildBatch(sequences, batchOptions(model));
  const tensors = uploadPictured(batch, model, pixels);
  let input: LanguageInput;
  tf.tidy(() => {
    input = languageInput(model, weights, batch, tensors);
    return [input.embeddings, ...(input.deepstack ?? [])];
  });
  return { batch, tensors, input: input!, block: 0 };
}

const rowsOf = ({ sequences, length, mask }: Batch): number[][] =>
  Array.from({ length: sequences }, (_, sequence) =>
    Array.from({ length }, (_, at) => sequence * length + at).filter((row) => mask[row]),
  );

function tokensOf(
  { length, aspects }: Batch,
  rows: readonly (readonly number[])[],
  output: tf.Tensor3D,
  attention: tf.Tensor4D,
  kind: 'causal' | 'bidirectional',
): ReadTokens[] {
  const width = output.shape[2];
  const flat = tf.reshape(output, [-1, width]) as tf.Tensor2D;
  const values = unit(flat).dataSync<'float32'>();
  const perQuery = tf.mean(attention, 1).dataSync<'float32'>();
  return rows.map((own, sequence): ReadTokens => {
    const queries = kind === 'causal' ? own.slice(-1) : own;
    const units = new Float32Array(own.length * width);
    for (const [at, row] of own.entries()) units.set(values.subarray(row * width, (row + 1) * width), at * width);
    const attended = (row: number) =>
      queries.reduce((sum, query) => sum + perQuery[query * length + row - sequence * length], 0) / queries.length;
    return {
      isImage: own.map((row) => /image|crop/.test(aspects[row] ?? '')),
      units,
      attention: own.map(attended),
    };
  });
}

/** The inputs of the experts of a block: the tokens that each expert reads, and what its first layer makes of them. */
function* expertInputs(
  { experts }: MoonModel,
  weights: Weights,
  batch: Batch,
  block: number,
  inner: Float32Array,
  choices: Int32Array,
): Generator<[string, { values: Float32Array; rows: number[] }]> {
  if (experts.kind === 'none') return;
  const width = inner.length / batch.mask.length;
  const topK = choices.length / batch.mask.length;
  const table = namedGroups(experts);
  const numberOf = groupNumbers(table);
  for (const [number, group] of [ORDINARY, ...groupNames(table)].entries()) {
    const names = expertNames(block, group);
    const [count] = weights[names.gateUp].shape;
    for (let expert = 0; expert < count; expert++) {
      const rows = [...batch.aspects.keys()].filter((row) => {
        const aspect = batch.aspects[row];
        if (!aspect || numberOf(aspect) !== number) return false;
        return number > 0 || choices.subarray(row * topK, (row + 1) * topK).includes(expert);
      });
      if (!rows.length) continue;
      const values = new Float32Array(rows.length * width);
      for (const [at, row] of rows.entries()) values.set(inner.subarray(row * width, (row + 1) * width), at * width);
      yield [expertInput(block, group, expert, 'gateUp'), { values, rows }];
      const down = tf.tidy(() => {
        const [gate, up] = tf.split(tf.slice(weights[names.gateUp], [expert, 0, 0], [1, -1, -1]), 2, 1);
        const x = tf.tensor2d(values, [rows.length, width]);
        const apply = (weight: tf.Tensor) => linear(x, tf.squeeze(weight, [0]));
        return swiglu(apply(gate), apply(up)).dataSync<'float32'>().slice();
      });
      yield [expertInput(block, group, expert, 'down'), { values: down, rows }];
    }
  }
}
