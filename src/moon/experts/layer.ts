import { linear } from '../../backbones/layers/layers.js';
import { UserError } from '../../checks/error.js';
import type { Weights } from '../../engine/flat-weights.js';
import type { RandomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';
import type { Batch, BatchTensors } from '../batch.js';
import { blockSize, dispatch, expertOrder } from './dispatch.js';
import { moveRows } from './move-rows.js';
import { oneExpert, routedExperts } from './networks.js';
import { checkExperts, type ExpertsOption, ordinaryCount, type SomeExperts } from './option.js';
import { balanceLoss, type Routing, route } from './router.js';

/** What an expert layer did, for the balance term and for inspection (`routerChoices`). */
export interface ExpertRecord {
  block: number;
  /** Of every row of the batch; padding and tokens of designated experts have an entry too, which nothing follows. */
  routing: Routing;
  balance: tf.Scalar;
}

/** Numbers of the blocks that have a dense layer. */
function denseBlocks(weights: Weights): number[] {
  return Object.keys(weights).flatMap((name) => {
    const found = /^model\.layers\.(\d+)\.mlp\.gate_proj\.weight$/.exec(name);
    return found ? [Number(found[1])] : [];
  });
}

const prefix = (block: number) => `model.layers.${block}.mlp`;

/**
 * Weights in which the chosen blocks have experts: each a copy of the block's dense layer, the gate small and random. So a dense
 * model becomes one with experts, be it new or loaded (`loadWeights`). The dense layers' own weights are freed. Returns new tensors
 * for what changed and the old ones for the rest.
 * @throws UserError for a wrong option, and for a block that has no dense layer
 */
export function addExperts(weights: Weights, option: ExpertsOption, stream: RandomStream): Weights {
  const dense = denseBlocks(weights);
  checkExperts(option, Math.max(-1, ...dense) + 1);
  if (option.kind === 'none') return weights;
  const without = option.blocks.find((block) => !dense.includes(block));
  if (without !== undefined)
    throw new UserError(`experts.blocks: block ${without} has no dense layer to copy; leave it out.`);
  const out = { ...weights };
  const experts = ordinaryCount(option);
  for (const block of option.blocks) {
    const name = prefix(block);
    const [gate, up, down] = ['gate', 'up', 'down'].map(
      (part) => weights[`${name}.${part}_proj.weight`] as tf.Tensor2D,
    );
    const width = gate.shape[1];
    tf.tidy(() => {
      const gateUp = tf.concat([gate, up], 0);
      const keepCopies = (at: string, count: number) => {
        out[`${name}.${at}.gate_up_proj`] = tf.keep(tf.tile(tf.expandDims(gateUp, 0), [count, 1, 1]));
        out[`${name}.${at}.down_proj`] = tf.keep(tf.tile(tf.expandDims(down, 0), [count, 1, 1]));
      };
      keepCopies('experts', experts);
      if (option.kind === 'guided') {
        keepCopies('category', 1);
        keepCopies('attribute', 1);
      }
    });
    const draw = stream.child(`${block}`);
    const router = Float32Array.from({ length: experts * width }, () => 0.02 * draw.normal());
    out[`${name}.gate.weight`] = tf.tensor2d(router, [experts, width]);
    for (const part of ['gate', 'up', 'down']) {
      out[`${name}.${part}_proj.weight`].dispose();
      delete out[`${name}.${part}_proj.weight`];
    }
  }
  return out;
}

/**
 * One expert layer on all tokens of a batch. `x` [sequences, length, width] -> the same shape; padded rows become zero. Tokens are
 * brought into the order of the experts that read them, and go back to their rows: nothing is dropped, nothing is read on the host,
 * and no token's result depends on another's.
 */
export function expertLayer(
  x: tf.Tensor3D,
  block: number,
  weights: Weights,
  option: SomeExperts,
  { groups }: Pick<Batch, 'groups'>,
  tensors: Pick<BatchTensors, 'rowOfSlot' | 'slotOfRow'>,
): { output: tf.Tensor3D; record: ExpertRecord } {
  const [sequences, length, width] = x.shape;
  const rows = tf.reshape(x, [sequences * length, width]) as tf.Tensor2D;
  const name = prefix(block);
  const experts = ordinaryCount(option);
  const { category, attribute } = option.kind === 'guided' ? groups : { category: 0, attribute: 0 };
  const ordinary = tensors.rowOfSlot.size - category - attribute;
  const isOrdinary: tf.Tensor1D = tf.less(tensors.slotOfRow, tf.scalar(ordinary, 'int32'));

  const routing = route(linear(rows, weights[`${name}.gate.weight`] as tf.Tensor2D), option.topK);
  const routed = tf.cast(isOrdinary, 'float32') as tf.Tensor1D;
  const placed = dispatch(routing.choices, routed, ordinary, experts, blockSize(ordinary * option.topK, experts));
  const { there, back } = expertOrder(placed, tensors, ordinary);

  const slots = moveRows(eachChoice(rows, option.topK), there, back);
  const sizes = [placed.choiceOf.size, category, attribute];
  const [free, cate, attr] = tf.split(slots, sizes, 0) as tf.Tensor2D[];
  const read = [
    routedExperts(free, placed.expertOf, `${name}.experts`, weights),
    ...(category ? [oneExpert(cate, `${name}.category`, weights)] : []),
    ...(attribute ? [oneExpert(attr, `${name}.attribute`, weights)] : []),
  ];
  const results = tf.reshape(moveRows(tf.concat(read, 0), back, there), [-1, option.topK, width]);
  const gates = tf.where(tf.expandDims(isOrdinary, 1), routing.gates, 1);
  const output = tf.sum(tf.mul(results, tf.expandDims(gates, 2)), 1);
  return {
    output: tf.reshape(output, x.shape) as tf.Tensor3D,
    record: { block, routing, balance: balanceLoss(routing, routed) },
  };
}

/** [rows, width] -> [rows k, width], each row as often as it has choices. */
function eachChoice(rows: tf.Tensor2D, topK: number): tf.Tensor2D {
  if (topK === 1) return rows;
  return tf.reshape(tf.tile(tf.expandDims(rows, 1), [1, topK, 1]), [-1, rows.shape[1]]);
}
