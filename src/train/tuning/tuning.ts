import { loraModule, loraNames, readsAdapter } from '../../backbones/layers/adapted-linear.js';
import { isVision } from '../../backbones/layers/vision-names.js';
import { wrongOption } from '../../checks/error.js';
import type { Encoder } from '../../encoder/encoder.js';
import { type FlatLayout, flatten, unflatten, type Weights } from '../../engine/flat-weights.js';
import { isPacked, packHalf, unpackHalf } from '../../engine/half.js';
import { collectGarbage, WORTH_COLLECTING } from '../../engine/memory.js';
import { randomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';
import type { Part } from '../../moon/part-option.js';
import { partOf, projectorWeights } from '../../moon/weight-names.js';
import type { Trained } from '../../objectives/objective.js';
import { applyLora, initLora, type LoraAdapter, type LoraOptions } from '../../weights/lora.js';
import type { TrainState } from '../train-state.js';
import { type TuneOption, tuneOption } from './option.js';

/** What a run trains: a flat tensor beside frozen weights. */
export interface Tuning extends Trained {
  /** The weights that stay as they are, by name: inputs of every step. */
  frozen: Weights;
  /** The trained tensor before the first step. The caller frees it. */
  start(): tf.Tensor1D;
  /** The parameters of the network, adapters merged into its weights. The caller frees them. */
  parametersOf(trained: tf.Tensor1D): tf.Tensor1D;
  /** The adapter in a trained tensor, for `lora`; its tensors are parts of the trained one. */
  adapterOf?(trained: tf.Tensor1D): LoraAdapter;
  dispose(): void;
}

/** The parameters that a state would be evaluated with: of the average, if the config keeps one. The caller frees them. */
export function evaluatedParameters({ tensors }: Pick<TrainState, 'tensors'>, tuning: Tuning): tf.Tensor1D {
  return tuning.parametersOf(evaluatedTensor({ tensors }));
}

/** The trained tensor that a state would be evaluated with. */
export function evaluatedTensor({ tensors }: Pick<TrainState, 'tensors'>): tf.Tensor1D {
  return (tensors.average ?? tensors.parameters) as tf.Tensor1D;
}

type TunedEncoder = Pick<Encoder, 'config' | 'parameters' | 'layout'>;

/**
 * Open the tuning of an encoder that has the weights of the start. Frozen weights are copied: the encoder may change.
 * @throws UserError for parts or targets that the network does not have, and for numbers that the engine cannot hold
 */
export function openTuning(encoder: TunedEncoder): Tuning {
  checkFrozenNumbers(encoder.config.tune);
  const option = tuneOption(encoder.config.tune);
  return option.kind === 'full' ? allWeights(encoder) : someWeights(encoder, option);
}

function allWeights({ parameters, layout }: TunedEncoder): Tuning {
  return {
    layout,
    frozen: {},
    captures: null,
    weightsOf: ({ trained }) => unflatten(trained, layout),
    start: () => tf.clone(parameters),
    parametersOf: (trained) => tf.clone(trained),
    dispose: () => {},
  };
}

function someWeights(
  { config, parameters, layout }: TunedEncoder,
  option: Exclude<Required<TuneOption>, { kind: 'full' }>,
): Tuning {
  const whole: readonly Part[] = option.kind === 'connector' ? ['projector', 'temperature'] : option.parts;
  checkParts(whole, layout.names);
  const isNew = (name: string) => projectorWeights.includes(name) || (config.vision.kind === 'own' && isVision(name));
  const isEntire = (name: string) => whole.includes(partOf(name)) || (option.kind === 'lora' && isNew(name));
  const lora = option.kind === 'lora' ? { rank: option.rank, alpha: option.alpha, targets: option.targets } : undefined;
  const { frozen, own } = tf.tidy((): Record<'frozen' | 'own', Weights> => {
    const shapes = Object.fromEntries(layout.names.map((name, at) => [name, layout.shapes[at]]));
    const frozenShapes = Object.fromEntries(Object.entries(shapes).filter(([name]) => !isEntire(name)));
    const adapter = lora && initLora(frozenShapes, lora, randomStream(config.seed, 'lora'));
    const weights = option.frozen === 'bfloat16' ? inHalf(parameters, layout, isEntire) : unflatten(parameters, layout);
    const part = (entire: boolean) =>
      Object.fromEntries(Object.entries(weights).filter(([name]) => isEntire(name) === entire));
    return { frozen: part(false), own: { ...part(true), ...adapter?.weights } };
  });
  const begun = flatten(own);
  return {
    layout: begun.layout,
    frozen,
    captures: lora ? { alpha: lora.alpha / lora.rank } : null,
    weightsOf: ({ trained, frozen = {} }) => stepWeights(unflatten(trained, begun.layout), frozen, lora),
    start: () => tf.clone(begun.parameters),
    parametersOf: (trained) =>
      tf.tidy(() => {
        const given = unflatten(trained, begun.layout);
        const all = { ...unpacked(frozen), ...given };
        const weights = lora ? applyLora(all, adapterIn(given, lora)) : all;
        return tf.concat1d(layout.names.map((name) => tf.reshape(weights[name], [-1]) as tf.Tensor1D));
      }),
    ...(lora ? { adapterOf: (trained) => adapterIn(unflatten(trained, begun.layout), lora) } : {}),
    dispose: () => tf.dispose([frozen, begun.parameters]),
  };
}

/**
 * Check that the running engine can hold frozen projections as the option says.
 * @throws UserError for bfloat16 on another engine than the native one
 */
export function checkFrozenNumbers(tune: TuneOption | undefined): void {
  if (tune && 'frozen' in tune && tune.frozen === 'bfloat16' && tf.getBackend() !== 'tensorflow')
    throw wrongOption('tune.frozen', 'bfloat16', `'float32' on the engine ${tf.getBackend()}`);
}

/**
 * The weights of a flat tensor, the frozen projections that forward passes can unpack in half the memory. They are taken one by one, so
 * that the network is never there twice.
 */
function inHalf(flat: tf.Tensor1D, { names, shapes, sizes }: FlatLayout, isEntire: (name: string) => boolean): Weights {
  let start = 0;
  let unread = 0;
  const weights = names.map((name, at) => {
    const shape = shapes[at];
    const packs =
      !isEntire(name) && readsAdapter(name.replace(/\.weight$/, '')) && shape.length === 2 && shape[0] % 2 === 0;
    const weight = tf.tidy(() => {
      const own = tf.reshape(tf.slice(flat, start, sizes[at]), shape);
      return packs ? packHalf(own as tf.Tensor2D) : own;
    });
    start += sizes[at];
    unread += packs ? sizes[at] : 0;
    if (unread > WORTH_COLLECTING) {
      collectGarbage();
      unread = 0;
    }
    return [name, weight] as const;
  });
  return Object.fromEntries(weights);
}

function unpacked(weights: Weights): Weights {
  return Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => [
      name,
      isPacked(weight) ? unpackHalf(weight as tf.Tensor2D) : weight,
    ]),
  );
}

/**
 * The weights that a step reads. Most adapters stay beside the weight that they adapt, which spares the gradient of a whole matrix; those
 * of projections that know no adapter, such as experts, are merged.
 */
function stepWeights(own: Weights, frozen: Weights, lora: LoraOptions | undefined): Weights {
  if (!lora) return { ...frozen, ...own };
  const adapter = adapterIn(own, lora);
  const beside = (name: string) => readsAdapter(loraModule(name)!.module);
  const merged = Object.fromEntries(Object.entries(adapter.weights).filter(([name]) => !beside(name)));
  const scaled = Object.entries(adapter.weights).flatMap(([name, matrix]) =>
    beside(name) && name === loraNames(loraModule(name)!.module).up
      ? [[name, tf.mul(matrix, lora.alpha / lora.rank)] as const]
      : [],
  );
  return { ...applyLora({ ...frozen, ...own }, { ...adapter, weights: merged }), ...Object.fromEntries(scaled) };
}

function adapterIn(weights: Weights, options: LoraOptions): LoraAdapter {
  return { options, weights: Object.fromEntries(Object.entries(weights).filter(([name]) => loraModule(name))) };
}

/** A part that the network lacks would be trained in vain; the defaults of `lora` name some that not every network has. */
function checkParts(whole: readonly Part[], names: readonly string[]): void {
  if (!names.some((name) => whole.includes(partOf(name))))
    throw wrongOption('tune.parts', whole, `parts of this network: ${[...new Set(names.map(partOf))].join(' | ')}`);
}
