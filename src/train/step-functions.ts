import type { Trained } from '../encoder/encoder.js';
import { compile } from '../engine/compile/compile.js';
import { nameTensors, treeOf } from '../engine/named-tensors.js';
import * as tf from '../engine/tf.js';
import type { Queue } from '../negatives/queue.js';
import { cachedStep } from '../objectives/cached-step.js';
import { type CaptionInputs, captionStep } from '../objectives/caption-step.js';
import {
  type ContrastiveInputs,
  type ContrastiveOutputs,
  type ContrastiveStatics,
  contrastiveStep,
} from '../objectives/contrastive-step.js';
import type { CaptionBatch, ContrastiveBatch } from '../objectives/supply.js';
import { type AdamWInputs, adamW, biasCorrections } from './adamw.js';
import type { TrainState } from './train-state.js';

type Named = Record<string, tf.Tensor>;

/** The three computations of training, each a pure function of tensors: compiled where the config says so. */
export function stepFunctions({ config, model, layout }: Pick<Trained, 'config' | 'model' | 'layout'>) {
  const task = { model, config, layout };
  const { average, optimizer, engine } = config;
  const { negatives, loss, temperature, auxiliary, pooling, balance } = config;
  const { beta1, beta2, weightDecay, clip } = optimizer;
  // What the functions read of the config: runs that differ in seed, steps or rates find each other's graphs on the disk.
  const captures = {
    model,
    layout,
    losses: { negatives, loss, temperature, auxiliary, pooling, balance },
    update: { beta1, beta2, weightDecay, clip },
  };

  const once = <Statics>(name: string, fn: (tensors: Named, statics: Statics) => Named) =>
    engine.compile ? compile(fn, { name, captures }) : fn;

  const contrastive = once('contrastive step', (tensors, groups: ContrastiveStatics) =>
    nameTensors(contrastiveStep(task, treeOf<ContrastiveInputs>(tensors), groups)),
  );
  const captions = once('caption step', (tensors, groups: ContrastiveStatics['queries']) =>
    nameTensors(captionStep(task, treeOf<CaptionInputs>(tensors), groups)),
  );
  const update = once('update', (tensors, _: null) => tf.tidy(() => updateStep(tensors as UpdateInputs, optimizer)));

  return {
    captionStep(parameters: tf.Tensor1D, { captions: { groups, tensors }, targets }: CaptionBatch): StepOutput {
      return treeOf<StepOutput>(captions(nameTensors({ parameters, captions: tensors, targets }), groups));
    },

    /** An update of one micro-batch a side runs at once, a larger one through cached representations. */
    contrastiveStep(parameters: tf.Tensor1D, batch: ContrastiveBatch, queue: Queue | undefined): ContrastiveOutputs {
      const { queries, items, labels } = batch;
      const given = { ...batch.given, queue };
      if (Math.max(queries.length, items.length, labels.length) > 1)
        return cachedStep(task, { parameters, queries, items, labels, given });
      const [asked, offered, named] = [queries[0], items[0], labels[0] as (typeof labels)[0] | undefined];
      const tensors = { parameters, queries: asked.tensors, items: offered.tensors, labels: named?.tensors, ...given };
      const groups = { queries: asked.groups, items: offered.groups, labels: named?.groups };
      return treeOf<ContrastiveOutputs>(contrastive(nameTensors(tensors), groups));
    },

    /** What one update by a gradient summed over `draws` makes of the state's tensors, which stay. Frees the gradient. */
    update({ state, gradient, scales, rate, draws }: Update): { norm: tf.Scalar; next: Named } {
      const { tensors, step } = state;
      const numbers = {
        rate: tf.scalar(rate),
        share: tf.scalar(1 / draws),
        ...biasCorrections(step + 1, optimizer),
        // The average follows the weights closely at first: its start says nothing.
        keep: tf.scalar(average.kind === 'exponential' ? Math.min(average.decay, (1 + step) / (10 + step)) : 0),
      };
      const held = Object.fromEntries(
        ['parameters', 'mean', 'variance', 'average'].flatMap((name) => (tensors[name] ? [[name, tensors[name]]] : [])),
      );
      const { norm, ...next } = update({ ...held, gradient, ...scales, ...numbers }, null);
      tf.dispose([numbers, gradient]);
      return { norm: norm as tf.Scalar, next };
    },
  };
}

export type StepOutput = {
  gradient: tf.Tensor1D;
  record: Record<string, tf.Scalar>;
};

interface Update {
  state: TrainState;
  gradient: tf.Tensor1D;
  scales: Pick<AdamWInputs, 'rates' | 'decays'>;
  rate: number;
  draws: number;
}

type UpdateInputs = AdamWInputs & { keep: tf.Scalar; average?: tf.Tensor1D };

function updateStep({ keep, average, ...inputs }: UpdateInputs, options: Parameters<typeof adamW>[1]): Named {
  const next = adamW(inputs, options);
  if (!average) return next;
  const moved = tf.add(tf.mul(average, keep), tf.mul(next.parameters, tf.sub(1, keep)));
  return { ...next, average: moved };
}
