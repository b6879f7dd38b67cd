import { setImmediate } from 'node:timers/promises';
import { assert } from '../checks/error.js';
import { compile } from '../engine/compile/compile.js';
import { flatten, unflatten, type Weights } from '../engine/flat-weights.js';
import { longCall } from '../engine/long-call.js';
import { nameTensors, treeOf } from '../engine/named-tensors.js';
import * as tf from '../engine/tf.js';
import { crossEntropy } from '../losses/next-token.js';
import { type AdamWInputs, adamW, biasCorrections, updateScales } from '../train/optimizer/adamw.js';
import { learningRate } from '../train/optimizer/schedule.js';
import { type QuizData, type QuizTensors, quizBatch, type ShownQuiz } from './batch.js';
import { answerScores } from './forward.js';
import type { ComposedNetwork } from './network.js';

/** How a network learns to answer. */
export interface QuizTraining {
  steps: number;
  /** Questions of an update. */
  batch: number;
  /** Peak of the learning rate, after a warm-up over a tenth of the steps. */
  rate: number;
}

export interface QuizTrainOptions extends QuizTraining {
  /** The questions of an update, with their views. */
  draw(count: number): ShownQuiz[];
  /** Tokens that questions are padded to. */
  length: number;
  /** Names of the weights that are trained. Default all. */
  isTrained?: (name: string) => boolean;
  onStep?: (step: number, loss: number) => void;
  signal?: AbortSignal;
}

const constants = { beta1: 0.9, beta2: 0.98, weightDecay: 0.01, clip: 1 };

/**
 * Train a network on questions by the cross-entropy of the shared value. Returns the trained weights, new tensors; the network's own stay.
 * @throws the signal's reason if aborted
 */
export async function trainQuiz(
  network: ComposedNetwork,
  data: QuizData,
  { steps, batch: size, rate, draw, length, isTrained = () => true, onStep, signal }: QuizTrainOptions,
): Promise<Weights> {
  const { weights, ...shape } = network;
  const part = (trained: boolean) =>
    Object.fromEntries(Object.entries(weights).filter(([name]) => isTrained(name) === trained));
  const frozen = part(false);
  const start = flatten(
    Object.fromEntries(Object.entries(part(true)).map(([name, weight]) => [name, tf.clone(weight)])),
  );
  const { layout } = start;
  const scales = updateScales(layout, {});
  const schedule = { steps, rate, warmUpSteps: Math.ceil(steps / 10) };
  type Given = AdamWInputs & { frozen: Weights; batch: QuizTensors; targets: tf.Tensor1D };
  const update = compile(
    (named: Record<string, tf.Tensor>, _: null) => {
      const { frozen = {}, batch, targets, ...state } = treeOf<Given>(named);
      const { value, grad } = tf.valueAndGrad((flat: tf.Tensor) => {
        const scores = answerScores(shape, { ...frozen, ...unflatten(flat as tf.Tensor1D, layout) }, batch);
        return tf.mean(crossEntropy(scores, targets)) as tf.Scalar;
      })(state.parameters);
      const { parameters, mean, variance } = adamW({ ...state, gradient: grad as tf.Tensor1D }, constants);
      return { parameters, mean, variance, loss: value };
    },
    { name: 'quiz step', captures: { shape, layout } },
  );
  let state = { parameters: start.parameters, mean: zeros(start.parameters), variance: zeros(start.parameters) };
  try {
    await longCall(signal, async (call) => {
      for (let step = 0; step < steps; step++) {
        call.signal.throwIfAborted();
        const shown = draw(size);
        const batch = quizBatch(shown, data, shape.modalities, length);
        const targets = tf.tensor1d(
          shown.map(({ quiz }) => data.words.idOf(quiz.shared)),
          'int32',
        );
        const numbers = { rate: tf.scalar(learningRate(step, schedule)), ...biasCorrections(step + 1, constants) };
        const { loss, ...next } = update(
          nameTensors({ ...state, ...scales, ...numbers, gradient: state.mean, frozen, batch, targets }),
          null,
        );
        tf.dispose([state, batch, targets, numbers]);
        state = next as typeof state;
        const [value] = await loss.data();
        loss.dispose();
        assert(Number.isFinite(value), 'the loss is finite');
        call.show({ label: 'training', done: step + 1, total: steps, note: `loss ${value.toFixed(2)}` });
        onStep?.(step + 1, value);
        await setImmediate();
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

const zeros = (like: tf.Tensor1D) => tf.zeros(like.shape) as tf.Tensor1D;
