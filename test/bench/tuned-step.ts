import { familyOf, loadNetwork } from '../../src/backbones/families.js';
import type { MoonConfig } from '../../src/config/config.js';
import { paper } from '../../src/datasets/grocery/recipes.js';
import type { Encoder } from '../../src/encoder/encoder.js';
import { flatten } from '../../src/engine/flat-weights.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { startTemperature, TEMPERATURE } from '../../src/losses/temperature.js';
import { type Batch, buildBatch, imageTokens, uploadBatch } from '../../src/moon/batch.js';
import { batchOptions, embedBatch, type MoonModel } from '../../src/moon/model.js';
import type { Segment } from '../../src/moon/sequence.js';
import { compiledStep } from '../../src/objectives/compiled-step.js';
import {
  type ContrastiveInputs,
  type ContrastiveStatics,
  contrastiveStep,
} from '../../src/objectives/contrastive/step.js';
import { openUpdater } from '../../src/train/optimizer/update.js';
import { startState } from '../../src/train/train-state.js';
import { openTuning } from '../../src/train/tuning/tuning.js';

/** How many pairs a step has, the tokens of a query and of an item, and the side of a query's image in pixels, 0 for text. */
export interface Pairs {
  pairs: number;
  query: number;
  item: number;
  side: number;
}

const targets = ['q_proj', 'k_proj', 'v_proj', 'o_proj'];

/** 2,560 tokens of text, or two pictures beside two texts. */
export const pairsOf = (hasImages: boolean): Pairs =>
  hasImages ? { pairs: 2, query: 0, item: 64, side: 512 } : { pairs: 32, query: 16, item: 64, side: 0 };

/** How a step saves memory: not, by recomputed blocks, or also by frozen weights in bfloat16. */
export const kinds = {
  kept: '',
  recomputed: ', blocks recomputed',
  packed: ', blocks recomputed, frozen weights in bfloat16',
} as const;
export type Kind = keyof typeof kinds;

/** Contrastive LoRA steps of rank 8 of the network in a folder: MOON's own step and update, without MOON's pieces. */
export function tunedStep(folder: string, { pairs, query, item, side }: Pairs, kind: Kind) {
  const { config: network, weights } = loadNetwork(folder);
  const vision = side ? ({ kind: 'qwen' } as const) : ({ kind: 'onnx', model: 'unused' } as const);
  const config: MoonConfig = {
    ...paper,
    vision,
    imageSize: side || 16,
    experts: { kind: 'none' },
    negatives: {
      inBatch: { kind: 'batch' },
      hard: { kind: 'none' },
      spatial: { kind: 'none', groups: 1 },
      temporal: { kind: 'none' },
    },
    tune: { kind: 'lora', rank: 8, alpha: 16, targets, frozen: kind === 'packed' ? 'bfloat16' : 'float32' },
    engine: { compile: true, checkpoint: kind !== 'kept' },
  };
  const normalisation = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
  const { imageSize, attention, experts, pooling } = config;
  const model: MoonModel = { network, normalisation, imageSize, attention, vision, experts, pooling };
  const flat = flatten({ ...weights, [TEMPERATURE]: tf.tensor1d([startTemperature(config.temperature)]) });
  const encoder = { config, model, ...flat } as Encoder;
  const tuning = openTuning(encoder);
  encoder.parameters.dispose();

  const options = batchOptions(model);
  const draw = randomStream(1, 'ids');
  const text = (count: number) => Array.from({ length: count }, () => 100 + draw.integer(40_000));
  const { marks } = familyOf(network);
  const around = marks.before.length + marks.after.length;
  const picture: Segment = {
    aspect: 'image',
    ids: [...text(around - 1), ...Array(side ? imageTokens(options) : 0).fill(network.imageTokenId), ...text(1)],
    image: { image: { id: 'noise', source: { kind: 'file', path: 'noise' } } },
  };
  const batchOf = (segments: () => Segment[]) => {
    const sequences = Array.from({ length: pairs }, (_, at) => ({ id: String(at), segments: segments() }));
    const batch = buildBatch(sequences, { ...options, bucket: 1 });
    const pixels = tf.randomUniform([batch.pictures, imageSize, imageSize, 3], 0, 1, 'float32', 1);
    return { batch, tensors: uploadBatch(batch, pixels) };
  };
  const queries = batchOf(() => (side ? [picture] : [{ aspect: 'title', ids: text(query) }]));
  const items = batchOf(() => [{ aspect: 'title', ids: text(item) }]);
  const rows = tf.range(0, pairs, 1, 'int32') as tf.Tensor1D;
  const given = { positiveOf: rows, queryProducts: rows, itemProducts: rows, queryGroups: rows, itemGroups: rows };
  const task = { config, model, trained: tuning };
  const step = compiledStep(task, 'tuned step', (inputs: ContrastiveInputs, groups: ContrastiveStatics) =>
    contrastiveStep(task, inputs, groups),
  );
  const embed = compiledStep(
    task,
    'tuned embedding',
    (inputs: Pick<ContrastiveInputs, 'weights' | 'items'>, groups: Batch['groups']) => ({
      embeddings: embedBatch(model, tuning.weightsOf(inputs.weights), { groups }, inputs.items).embeddings,
    }),
  );
  const updater = openUpdater({ config, model, layout: tuning.layout });
  const state = startState(encoder, tuning.start(), []);
  const weightsOf = () => ({ trained: state.tensors.parameters as tf.Tensor1D, frozen: tuning.frozen });
  return {
    /** Milliseconds of one update. */
    update(): number {
      const started = performance.now();
      const inputs = { weights: weightsOf(), queries: queries.tensors, items: items.tensors, ...given };
      const output = step(inputs, { queries: queries.batch.groups, items: items.batch.groups });
      const { norm, next } = updater.update(state, output.gradient, 1, 'contrastive');
      norm.dataSync();
      tf.dispose([norm, output.itemEmbeddings, output.measures, Object.keys(next).map((name) => state.tensors[name])]);
      Object.assign(state.tensors, next);
      state.step++;
      return performance.now() - started;
    },
    /** Items a second, embedded with the adapter. */
    embed(): number {
      const started = performance.now();
      const { embeddings } = embed({ weights: weightsOf(), items: items.tensors }, items.batch.groups);
      embeddings.dataSync();
      embeddings.dispose();
      return (1000 * pairs) / (performance.now() - started);
    },
    tokens: queries.batch.tokens.length + items.batch.tokens.length,
    dispose: () => {
      tuning.dispose();
      updater.dispose();
      tf.dispose([state.tensors, queries.tensors, items.tensors, rows]);
    },
  };
}
