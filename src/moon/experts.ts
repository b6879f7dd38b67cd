import { wrongOption } from '../engine/check.js';
import { gatherRows } from '../engine/native-ops.js';
import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import { swiglu } from '../qwen/layers.js';
import type { Weights } from '../qwen/weights.js';
import type { Batch, BatchTensors } from './batch.js';
import { moveRows } from './move-rows.js';
import { balanceLoss, dispatch, type Routing, route } from './router.js';

/**
 * What stands in place of a block's feed-forward layer.
 * - `none`: the dense layer itself.
 * - `plain`: every token to the `topK` experts that the gate chooses.
 * - `guided`: category tokens to FFN_cate and attribute tokens to FFN_attr by their aspect, the others by the gate among
 *   `count - 2` ordinary experts (paper, figure 5).
 */
export type ExpertsOption =
  | { kind: 'none' }
  | {
      kind: 'plain' | 'guided';
      /** All experts, the two designated ones of `guided` included. */
      count: number;
      topK: number;
      /** Numbers of the blocks that become expert layers. */
      blocks: readonly number[];
    };

/** What an expert layer did, for the balance term and for inspection. */
export interface ExpertRecord {
  block: number;
  routing: Routing;
  balance: tf.Scalar;
}

/** Slots an expert's tokens are filled up to: smaller wastes less on padding, larger multiplies faster. */
const BLOCK = 64;

/** @throws UserError for a wrong option. */
export function checkExperts(option: ExpertsOption, blocks: number): void {
  if (!['none', 'plain', 'guided'].includes(option.kind))
    throw wrongOption('experts.kind', option.kind, 'one of guided | plain | none');
  if (option.kind === 'none') return;
  const ordinary = ordinaryCount(option);
  if (!Number.isInteger(option.count) || ordinary < 1)
    throw wrongOption('experts.count', option.count, `a whole number of at least ${option.kind === 'guided' ? 3 : 1}`);
  if (!Number.isInteger(option.topK) || option.topK < 1 || option.topK > ordinary)
    throw wrongOption('experts.topK', option.topK, `1 to ${ordinary}, the count of experts that the gate chooses from`);
  const wrong = option.blocks.find((block) => !Number.isInteger(block) || block < 0 || block >= blocks);
  if (wrong !== undefined || !option.blocks.length)
    throw wrongOption('experts.blocks', option.blocks, `at least one of 0 to ${blocks - 1}`);
}

function ordinaryCount(option: Exclude<ExpertsOption, { kind: 'none' }>): number {
  return option.kind === 'guided' ? option.count - 2 : option.count;
}

const prefix = (block: number) => `model.layers.${block}.mlp`;

/**
 * Weights in which the chosen blocks have experts: each a copy of the block's dense layer, the gate small and random. The dense
 * layer's own weights are dropped. Returns new tensors for what changed and the old ones for the rest.
 */
export function addExperts(weights: Weights, option: ExpertsOption, stream: RandomStream): Weights {
  if (option.kind === 'none') return weights;
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
    const router = Float32Array.from({ length: experts * width }, () => 0.02 * stream.normal());
    out[`${name}.gate.weight`] = tf.tensor2d(router, [experts, width]);
    for (const part of ['gate', 'up', 'down']) {
      out[`${name}.${part}_proj.weight`].dispose();
      delete out[`${name}.${part}_proj.weight`];
    }
  }
  return out;
}

/**
 * One expert layer on all tokens of a batch. `x` [sequences, length, width] -> the same shape; padded rows become zero. Tokens
 * are brought into the order of their group, each group is read by its expert or experts, and they go back to their rows:
 * nothing is dropped, nothing is read on the host, and no token's result depends on another's.
 */
export function expertLayer(
  x: tf.Tensor3D,
  block: number,
  weights: Weights,
  option: Exclude<ExpertsOption, { kind: 'none' }>,
  batch: Pick<Batch, 'groups'>,
  tensors: Pick<BatchTensors, 'rowOfSlot' | 'slotOfRow'>,
): { output: tf.Tensor3D; record: ExpertRecord } {
  const [sequences, length, width] = x.shape;
  const rows = tf.reshape(x, [sequences * length, width]) as tf.Tensor2D;
  const { ordinary, category, attribute } = batch.groups;
  const slots = moveRows(rows, tensors.rowOfSlot, tensors.slotOfRow);
  const guided = option.kind === 'guided';
  const sizes = guided ? [ordinary, category, attribute] : [ordinary + category + attribute, 0, 0];
  const [free, cate, attr] = tf.split(slots, sizes, 0) as tf.Tensor2D[];
  const valid = tf.cast(
    tf.less(tf.slice(tensors.rowOfSlot, [0], [sizes[0]]), tf.scalar(sequences * length, 'int32')),
    'float32',
  ) as tf.Tensor1D;
  const name = prefix(block);
  const routing = route(free, weights[`${name}.gate.weight`] as tf.Tensor2D, option.topK);
  const parts = [
    routedExperts(free, routing, weights[`${name}.experts.gate_up_proj`], weights[`${name}.experts.down_proj`]),
    ...(cate.size ? [oneExpert(cate, `${name}.category`, weights)] : []),
    ...(attr.size ? [oneExpert(attr, `${name}.attribute`, weights)] : []),
  ];
  const output = moveRows(tf.concat(parts, 0), tensors.slotOfRow, tensors.rowOfSlot);
  return {
    output: tf.reshape(output, x.shape) as tf.Tensor3D,
    record: { block, routing, balance: balanceLoss(routing, valid) },
  };
}

function oneExpert(x: tf.Tensor2D, name: string, weights: Weights): tf.Tensor2D {
  const y = feedForward(tf.expandDims(x, 0), weights[`${name}.gate_up_proj`], weights[`${name}.down_proj`]);
  return tf.squeeze(y, [0]) as tf.Tensor2D;
}

/** Tokens [T, width] through their chosen experts, each output times its gate, summed over the choices. */
function routedExperts(x: tf.Tensor2D, routing: Routing, gateUp: tf.Tensor, down: tf.Tensor): tf.Tensor2D {
  const [count, width] = x.shape;
  const topK = routing.gates.shape[1];
  const experts = gateUp.shape[0];
  const { slotOf, choiceOf, expertOf, blocks } = dispatch(routing.choices, experts, BLOCK);
  const repeated =
    topK === 1 ? x : (tf.reshape(tf.tile(tf.expandDims(x, 1), [1, topK, 1]), [-1, width]) as tf.Tensor2D);
  const sorted = tf.reshape(moveRows(repeated, choiceOf, slotOf), [blocks, BLOCK, width]);
  const take = (weight: tf.Tensor) =>
    tf.reshape(gatherRows(tf.reshape(weight, [experts, -1]) as tf.Tensor2D, expertOf), [
      blocks,
      ...weight.shape.slice(1),
    ]);
  const read = tf.reshape(feedForward(sorted, take(gateUp), take(down)), [blocks * BLOCK, width]) as tf.Tensor2D;
  const back = tf.reshape(moveRows(read, slotOf, choiceOf), [count, topK, width]);
  return tf.sum(tf.mul(back, tf.expandDims(routing.gates, 2)), 1) as tf.Tensor2D;
}

/** x [blocks, tokens, width], gateUp [blocks, 2 hidden, width], down [blocks, width, hidden]. */
function feedForward(x: tf.Tensor, gateUp: tf.Tensor, down: tf.Tensor): tf.Tensor {
  const [gate, up] = tf.split(tf.matMul(x, gateUp, false, true), 2, -1);
  return tf.matMul(swiglu(gate, up), down, false, true);
}
