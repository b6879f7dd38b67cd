import type { Exchange, Share } from '../../cluster/exchange.js';
import { held, released } from '../../engine/held.js';
import * as tf from '../../engine/tf.js';
import { TEMPERATURE } from '../../losses/temperature.js';
import type { Batch, BatchTensors } from '../../moon/batch.js';
import { balanceLoss } from '../../moon/experts/router.js';
import { embedBatch } from '../../moon/model.js';
import type { MicroBatch } from '../batch-builder.js';
import { compiledPart, compiledStep, requireFloat32 } from '../compiled-step.js';
import type { StepWeights } from '../objective.js';
import { embeddingsOf, representation } from './representation.js';
import type { Side } from './sides.js';
import { type ContrastiveOutputs, type StepLabels, type StepTask, stepLoss } from './step.js';

/** The rows of one side of a step, of which this process embeds a share. */
export interface SharedSide {
  /** Rows of all processes. */
  count: number;
  share: Share;
  /** The rows of the share, in order. */
  own: readonly MicroBatch[];
}

export interface SharedInputs {
  weights: StepWeights;
  sides: Record<Side, SharedSide>;
  given: StepLabels;
}

type Rows = { queries: tf.Tensor2D; items: tf.Tensor2D; labels?: tf.Tensor2D; sums?: tf.Tensor3D };
/** Something of each side of which this process embeds rows. */
type Per<Value> = Partial<Record<Side, Value>>;
type EmbedInputs = { weights: StepWeights; tensors: Per<BatchTensors> };
/** Rows, and the router sums of each expert layer [layers, 2 E + 1]; or the gradients with respect to both. */
type EmbeddedRows = { rows: tf.Tensor2D; sums?: tf.Tensor2D };
type LossInputs = StepLabels & { weights: StepWeights; rows: Rows };

const sideNames = ['queries', 'items', 'labels'] as const;
/** Sides whose tokens the router's balance counts. */
const balanced = ['queries', 'items'] as const;

/**
 * `contrastiveStep` shared by several processes, as gradient caching (GradCache, arXiv 2101.06983) shares it among micro-batches: each
 * embeds its rows, all exchange their rows, each computes the loss of the whole step and backpropagates its gradient of its own rows. So each has the measures of the whole step and the items of all for its queue, and the gradients of the processes add up to
 * that of one process. The router's balance is that of the whole step too: processes also exchange how often their tokens chose each expert.
 */
export function openSharedStep(
  task: StepTask,
  exchange: Exchange,
): (inputs: SharedInputs) => Promise<ContrastiveOutputs> {
  const { model, config, trained } = task;
  const weightsOf = ({ frozen }: StepWeights, flat: tf.Tensor) =>
    trained.weightsOf({ trained: flat as tf.Tensor1D, frozen });

  const embedRows = ({ weights, tensors }: EmbedInputs, groups: Per<Batch['groups']>): Per<EmbeddedRows> => {
    const all = weightsOf(weights, weights.trained);
    const rowsOf = (side: Side): EmbeddedRows => {
      const found = embedBatch(model, all, { groups: groups[side]! }, tensors[side]!, config.engine);
      const sums = side === 'labels' ? [] : found.experts.map((each) => each.sums);
      return { rows: representation(found), sums: sums.length ? (tf.stack(sums) as tf.Tensor2D) : undefined };
    };
    return Object.fromEntries(sideNames.flatMap((side) => (tensors[side] ? [[side, rowsOf(side)]] : [])));
  };

  /** The loss, and its gradients with respect to the rows and to the weights that it reads itself. */
  const lossOfRows = ({ weights, rows, ...given }: LossInputs, _: null) =>
    tf.tidy(() => {
      let measures: (Record<string, tf.Scalar> & { total: tf.Scalar }) | undefined;
      const names = Object.keys(rows) as (keyof Rows)[];
      const [gradient, ...ofRows] = tf.grads((flat: tf.Tensor, ...values: tf.Tensor[]) => {
        const { sums, ...sides } = Object.fromEntries(names.map((name, at) => [name, values[at]])) as Rows;
        const labels = sides.labels && embeddingsOf(sides.labels, config.pooling);
        const loss = stepLoss(config, { ...sides, labels }, given, weightsOf(weights, flat)[TEMPERATURE]);
        const balance = sums ? meanOfBalances(sums) : (tf.scalar(0) as tf.Scalar);
        const total = tf.add(loss.total, tf.mul(balance, config.balance)) as tf.Scalar;
        measures = held({ ...loss, balance, total });
        // A loss that does not use the parameters still needs a gradient with respect to them.
        return tf.add(total, tf.mul(tf.sum(flat), 0)) as tf.Scalar;
      })([weights.trained, ...names.map((name) => rows[name]!)]);
      const pull = Object.fromEntries(names.map((name, at) => [name, ofRows[at]])) as Rows;
      return { measures: released(measures!), gradient: gradient as tf.Tensor1D, pull };
    });

  const embed = compiledPart(task, 'rows of a shared step', embedRows);
  const loss = compiledStep(task, 'loss of a shared step', lossOfRows);

  return async ({ weights, sides, given }) => {
    // As in a step of one process, micro-batches run operation by operation: they have too many shapes to compile.
    const isOne = sideNames.every((side) => sides[side].own.length <= 1);
    if (!isOne) requireFloat32(config);

    const parts = sideNames.flatMap((side) => partsOf(side, sides[side]));
    const calls = (isOne ? [parts] : parts.map((part) => [part])).map((call) => ({
      call,
      embedded: embed({ weights, tensors: tensorsOf(call) }, groupsOf(call), isOne),
    }));
    const found = calls.flatMap(({ call, embedded }) => call.map(({ side }) => embedded.outputs[side]!));
    let rows: Rows;
    try {
      rows = await exchangeRows(exchange, sides, parts, found);
    } catch (error) {
      for (const { embedded } of calls) embedded.drop();
      throw error;
    } finally {
      tf.dispose(found);
    }

    const { measures, gradient: ofLoss, pull } = loss({ weights, rows, ...given }, null);
    // Every process has the whole gradient of the weights that the loss reads itself, so that it counts once.
    let gradient = tf.mul(ofLoss, exchange.rank === 0 ? 1 : 0) as tf.Tensor1D;
    ofLoss.dispose();
    for (const { call, embedded } of calls) {
      const pulls = tf.tidy(() => Object.fromEntries(call.map((part) => [part.side, pullOf(pull, part)])));
      const own = embedded.gradient(pulls);
      const sum = tf.add(gradient, own) as tf.Tensor1D;
      tf.dispose([pulls, own, gradient]);
      gradient = sum;
    }
    const itemEmbeddings = tf.tidy(() => tf.clone(embeddingsOf(rows.items, config.pooling)));
    tf.dispose([rows, pull]);
    return { measures, gradient, itemEmbeddings };
  };
}

/** A micro-batch of a side, and the row of the side with which it begins. */
interface Part extends MicroBatch {
  side: Side;
  first: number;
}

function partsOf(side: Side, { share, own }: SharedSide): Part[] {
  let first = share.start;
  return own.map((micro) => {
    const part = { ...micro, side, first };
    first += micro.tensors.mask.shape[0];
    return part;
  });
}

const tensorsOf = (parts: readonly Part[]): Per<BatchTensors> =>
  Object.fromEntries(parts.map(({ side, tensors }) => [side, tensors]));

const groupsOf = (parts: readonly Part[]): Per<Batch['groups']> =>
  Object.fromEntries(parts.map(({ side, batch }) => [side, batch.groups]));

/** What is pulled at the rows and the router sums of a part, of the gradients with respect to all. */
function pullOf(pull: Rows, { side, first, tensors }: Part): EmbeddedRows {
  const rows = tf.slice(pull[side]!, [first, 0], [tensors.mask.shape[0], -1]) as tf.Tensor2D;
  if (side === 'labels' || !pull.sums) return { rows };
  const sums = tf.slice(pull.sums, [balanced.indexOf(side), 0, 0], [1, -1, -1]);
  return { rows, sums: tf.squeeze(sums, [0]) as tf.Tensor2D };
}

/** The mean balance of the expert layers of queries and items, [2, layers, 2 E + 1]. */
function meanOfBalances(sums: tf.Tensor3D): tf.Scalar {
  const each = tf.unstack(tf.reshape(sums, [-1, sums.shape[2]]) as tf.Tensor2D) as tf.Tensor1D[];
  return tf.mean(tf.stack(each.map(balanceLoss)));
}

/** Exchange rows and router sums in one message: the rows of the sides one after another, then the sums. */
async function exchangeRows(
  exchange: Exchange,
  { queries, items, labels }: SharedInputs['sides'],
  parts: readonly Part[],
  found: readonly EmbeddedRows[],
): Promise<Rows> {
  const [, width] = found[0].rows.shape;
  const [layers, numbers] = found[0].sums?.shape ?? [0, 0];
  const firstOf = { queries: 0, items: queries.count, labels: queries.count + items.count };
  const ofSums = (firstOf.labels + labels.count) * width;
  const values = new Float32Array(ofSums + balanced.length * layers * numbers);
  for (const [at, { side, first }] of parts.entries()) {
    values.set(found[at].rows.dataSync(), (firstOf[side] + first) * width);
    if (side === 'labels') continue;
    const start = ofSums + balanced.indexOf(side) * layers * numbers;
    found[at].sums?.dataSync().forEach((value, place) => {
      values[start + place] += value;
    });
  }
  const all = await exchange.sum(values);
  const rowsOf = (first: number, count: number) =>
    tf.tensor2d(all.slice(first * width, (first + count) * width), [count, width]);
  return {
    queries: rowsOf(firstOf.queries, queries.count),
    items: rowsOf(firstOf.items, items.count),
    ...(labels.count && { labels: rowsOf(firstOf.labels, labels.count) }),
    ...(layers && { sums: tf.tensor3d(all.slice(ofSums), [balanced.length, layers, numbers]) }),
  };
}
