import { linear } from '../../backbones/layers/layers.js';
import { assert } from '../../checks/error.js';
import type { Weights } from '../../engine/flat-weights.js';
import * as tf from '../../engine/tf.js';
import type { Batch, BatchTensors } from '../batch.js';
import { expertNames, gateName } from '../weight-names.js';
import { blockSize, dispatch, expertOrder } from './dispatch.js';
import { moveRows } from './move-rows.js';
import { oneExpert, routedExperts } from './networks.js';
import { groupNames, namedGroups, ORDINARY, ordinaryCount, type SomeExperts } from './option.js';
import { balanceLoss, type Routing, route, routeNormalised, routerSums } from './router.js';

/** Routing of one expert layer, for the balance loss and for inspection (`routerChoices`). */
export interface ExpertRecord {
  block: number;
  /** Routing of every row of the batch. Entries of padding and of tokens in named groups are not used. */
  routing: Routing;
  /** See `routerSums`. */
  sums: tf.Tensor1D;
  balance: tf.Scalar;
}

/** Mean load-balancing term of expert layers; 0 without any. */
export function meanBalance(records: readonly Pick<ExpertRecord, 'balance'>[]): tf.Scalar {
  return records.length ? tf.mean(tf.stack(records.map(({ balance }) => balance))) : tf.scalar(0);
}

/**
 * Apply one expert layer to all tokens of a batch. `x` [sequences, length, width] -> the same shape; padded rows become zero. Tokens are
 * permuted into the order of their experts and back: no token is dropped, nothing is read on the host, and no token's result depends on
 * another token.
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
  const experts = ordinaryCount(option);
  // Plain experts route the tokens of every group by the gate.
  const named = groupNames(namedGroups(option));
  assert(!named.length || groups.length === named.length + 1, 'a batch has the groups of its network');
  const slotsOf = groups.slice(1, 1 + named.length);
  const ordinary = slotsOf.reduce((rest, count) => rest - count, tensors.rowOfSlot.size);
  const isOrdinary: tf.Tensor1D = tf.less(tensors.slotOfRow, tf.scalar(ordinary, 'int32'));

  const gate = option.kind === 'modality' ? routeNormalised : route;
  const routing = gate(linear(rows, weights[gateName(block)], undefined, 'float32'), option.topK);
  const routed = tf.cast(isOrdinary, 'float32') as tf.Tensor1D;
  const placed = dispatch(routing.choices, routed, ordinary, experts, blockSize(ordinary * option.topK, experts));
  const sums = routerSums(routing, routed);
  const { order, inverse } = expertOrder(placed, tensors, ordinary);

  const slots = moveRows(eachChoice(rows, option.topK), order, inverse);
  const sizes = [placed.choiceOf.size, ...slotsOf];
  // tfjs has no gradient for a split into one part.
  const [free, ...own] = named.length ? (tf.split(slots, sizes, 0) as tf.Tensor2D[]) : [slots];
  const read = [
    routedExperts(free, placed.expertOf, expertNames(block, ORDINARY), weights),
    ...named.flatMap((group, at) => (slotsOf[at] ? [oneExpert(own[at], expertNames(block, group), weights)] : [])),
  ];
  const results = tf.reshape(moveRows(tf.concat(read, 0), inverse, order), [-1, option.topK, width]);
  const gates = tf.where(tf.expandDims(isOrdinary, 1), routing.gates, 1);
  const output = tf.sum(tf.mul(results, tf.expandDims(gates, 2)), 1);
  return {
    output: tf.reshape(output, x.shape) as tf.Tensor3D,
    record: { block, routing, sums, balance: balanceLoss(sums) },
  };
}

/** Repeat each row once per choice: [rows, width] -> [rows k, width]. */
function eachChoice(rows: tf.Tensor2D, topK: number): tf.Tensor2D {
  if (topK === 1) return rows;
  return tf.reshape(tf.tile(tf.expandDims(rows, 1), [1, topK, 1]), [-1, rows.shape[1]]);
}
