import { setImmediate } from 'node:timers/promises';
import { assert } from '../checks/error.js';
import { compile } from '../engine/compile/compile.js';
import { flatten, unflatten, type Weights } from '../engine/flat-weights.js';
import { longCall } from '../engine/long-call.js';
import { nameTensors, type TensorTree, treeOf } from '../engine/named-tensors.js';
import * as tf from '../engine/tf.js';
import { type AdamWInputs, adamW, biasCorrections, updateScales } from './optimizer/adamw.js';
import { learningRate } from './optimizer/schedule.js';

/** The training of a small network that is no encoder: one loss, AdamW, a compiled update. */
export interface WeightTraining<Batch extends TensorTree, Kind> {
  /** Name of the update, and all that its graph depends on beside shapes and the kind of batch. */
  name: string;
  captures: unknown;
  /** What is trained; copied. */
  weights: Weights;
  /** What the loss reads beside it. */
  frozen?: Weights;
  /** A pure function that reads nothing on the host. */
  loss(weights: Weights, batch: Batch, kind: Kind): tf.Scalar;
  /** The tensors of an update, which are freed after it. Batches of another kind have a graph of their own. */
  batchOf(step: number): { tensors: Batch; kind: Kind };
  steps: number;
  /** Peak of the learning rate, after a warm-up over a tenth of the steps. */
  rate: number;
  weightDecay?: number;
  onStep?: (step: number, loss: number) => void;
  signal?: AbortSignal;
}

const constants = { beta1: 0.9, beta2: 0.98, clip: 1 };

/**
 * Train weights by a loss. Returns new tensors; the given ones stay.
 * @throws the signal's reason if aborted
 */
export async function trainWeights<Batch extends TensorTree, Kind>({
  name,
  captures,
  weights,
  frozen = {},
  loss,
  batchOf,
  steps,
  rate,
  weightDecay = 0.01,
  onStep,
  signal,
}: WeightTraining<Batch, Kind>): Promise<Weights> {
  const copies = Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, tf.clone(weight)]));
  const { parameters, layout } = flatten(copies);
  const scales = updateScales(layout, {});
  const schedule = { steps, rate, warmUpSteps: Math.ceil(steps / 10) };
  type Given = AdamWInputs & { frozen?: Weights; batch: Batch };
  const update = compile(
    (named: Record<string, tf.Tensor>, kind: Kind) => {
      const { frozen = {}, batch, ...state } = treeOf<Given>(named);
      const { value, grad } = tf.valueAndGrad((flat: tf.Tensor) =>
        loss({ ...frozen, ...unflatten(flat as tf.Tensor1D, layout) }, batch, kind),
      )(state.parameters);
      const next = adamW({ ...state, gradient: grad as tf.Tensor1D }, { ...constants, weightDecay });
      return { parameters: next.parameters, mean: next.mean, variance: next.variance, loss: value };
    },
    { name, captures: { captures, layout, weightDecay } },
  );
  let state = { parameters, mean: tf.zerosLike(parameters), variance: tf.zerosLike(parameters) };
  try {
    await longCall(signal, async (call) => {
      for (let step = 0; step < steps; step++) {
        call.signal.throwIfAborted();
        const { tensors: batch, kind } = batchOf(step);
        const numbers = { rate: tf.scalar(learningRate(step, schedule)), ...biasCorrections(step + 1, constants) };
        const inputs = { ...state, ...scales, ...numbers, gradient: state.mean, frozen, batch };
        const { loss, ...next } = update(nameTensors(inputs), kind);
        tf.dispose([state, batch, numbers]);
        state = next as typeof state;
        const [value] = await loss.data();
        loss.dispose();
        assert(Number.isFinite(value), 'the loss is finite');
        call.show({ label: 'training', done: step + 1, total: steps, note: `loss ${value.toFixed(2)}` });
        onStep?.(step + 1, value);
        await setImmediate(); // let timers and interrupts run
      }
    });
    return tf.tidy(() => {
      const own = unflatten(state.parameters, layout);
      return Object.fromEntries(Object.entries(own).map(([name, weight]) => [name, tf.clone(weight)]));
    });
  } finally {
    tf.dispose([state, scales]);
  }
}
