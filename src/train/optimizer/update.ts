import type { Encoder } from '../../encoder/encoder.js';
import { compile } from '../../engine/compile/compile.js';
import * as tf from '../../engine/tf.js';
import type { TrainState } from '../train-state.js';
import { type AdamWInputs, adamW, biasCorrections, updateScales } from './adamw.js';
import { learningRate } from './schedule.js';
import { ratesInStage } from './stage-rates.js';

/** Applies gradients to the state's tensors. */
export interface Updater {
  /**
   * Compute the state tensors after one update. The state's own tensors are not modified; the learning rate follows the schedule at the
   * state's step. Frees the gradient.
   * @param gradient gradient summed over `batches` batches
   * @param stage name of its objective, which may train some parts alone
   */
  update(
    state: TrainState,
    gradient: tf.Tensor1D,
    batches: number,
    stage: string,
  ): { rate: number; norm: tf.Scalar; next: Record<string, tf.Tensor> };
  dispose(): void;
}

/** AdamW with the learning rates and schedule of the config, and the average of the weights. Compiled if the config asks for it. */
export function openUpdater({ config, layout, model }: Pick<Encoder, 'config' | 'layout' | 'model'>): Updater {
  const { average, optimizer, engine } = config;
  const { beta1, beta2, weightDecay, clip } = optimizer;
  const scales = new Map<string, ReturnType<typeof updateScales>>();
  const scalesIn = (stage: string) => {
    const known = scales.get(stage) ?? updateScales(layout, ratesInStage(config, stage));
    scales.set(stage, known);
    return known;
  };
  const step = (tensors: Record<string, tf.Tensor>, _: null) =>
    tf.tidy(() => updateStep(tensors as UpdateInputs, optimizer));
  const captures = { model, layout, update: { beta1, beta2, weightDecay, clip } };
  const run = engine.compile ? compile(step, { name: 'update', captures }) : step;
  return {
    update({ step, tensors }, gradient, batches, stage) {
      const rate = learningRate(step, optimizer);
      const numbers = {
        rate: tf.scalar(rate),
        fraction: tf.scalar(1 / batches),
        ...biasCorrections(step + 1, optimizer),
        // At first the average follows the weights closely, because the initial weights carry no information.
        keep: tf.scalar(average.kind === 'exponential' ? Math.min(average.decay, (1 + step) / (10 + step)) : 0),
      };
      const held = Object.fromEntries(
        ['parameters', 'mean', 'variance', 'average'].flatMap((name) => (tensors[name] ? [[name, tensors[name]]] : [])),
      );
      const { norm, ...next } = run({ ...held, gradient, ...scalesIn(stage), ...numbers }, null);
      tf.dispose([numbers, gradient]);
      return { rate, norm: norm as tf.Scalar, next };
    },
    dispose: () => tf.dispose([...scales.values()]),
  };
}

type UpdateInputs = AdamWInputs & { keep: tf.Scalar; average?: tf.Tensor1D };

function updateStep({ keep, average, ...inputs }: UpdateInputs, options: Parameters<typeof adamW>[1]) {
  const next: Record<string, tf.Tensor> = adamW(inputs, options);
  if (!average) return next;
  const moved = tf.add(tf.mul(average, keep), tf.mul(next.parameters, tf.sub(1, keep)));
  return { ...next, average: moved };
}
