import { wrongOption } from '../../checks/error.js';
import type { Encoder } from '../../encoder/encoder.js';
import { type FlatLayout, flatten, unflatten, type Weights } from '../../engine/flat-weights.js';
import { randomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';
import type { Part } from '../../moon/part-option.js';
import { partOf, projectorNames } from '../../moon/weight-names.js';
import { applyLora, initLora, type LoraAdapter, type LoraOptions, loraModule } from '../../weights/lora.js';
import type { TrainState } from '../train-state.js';
import { tuneOption } from './option.js';

/** What a run trains: a flat tensor, which the frozen weights complete to the parameters of the network. */
export interface Tuning {
  /** Of the trained tensor. */
  layout: FlatLayout;
  /** The trained tensor before the first step. The caller frees it. */
  start(): tf.Tensor1D;
  /** The parameters of the network. Differentiable; the caller frees them. */
  parametersOf(trained: tf.Tensor1D): tf.Tensor1D;
  /** The gradient of the trained tensor, from that of the parameters, which it frees. */
  gradientOf(trained: tf.Tensor1D, gradient: tf.Tensor1D): tf.Tensor1D;
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

/**
 * Open the tuning of an encoder that has the weights of the start. Frozen weights are copied: the encoder may change.
 * @throws UserError for parts or targets that the network does not have
 */
export function openTuning({ config, parameters, layout }: Pick<Encoder, 'config' | 'parameters' | 'layout'>): Tuning {
  const option = tuneOption(config.tune);
  if (option.kind === 'full')
    return {
      layout,
      start: () => tf.clone(parameters),
      parametersOf: (trained) => tf.clone(trained),
      gradientOf: (_, gradient) => gradient,
      dispose: () => {},
    };
  const whole: readonly Part[] = option.kind === 'connector' ? ['projector', 'temperature'] : option.parts;
  checkParts(whole, layout.names);
  const isNew = (name: string) => option.kind === 'lora' && Object.values<string>(projectorNames).includes(name);
  const entire = new Set(layout.names.filter((name) => whole.includes(partOf(name)) || isNew(name)));
  const frozen = tf.tidy(() => unflatten(parameters, layout));
  const lora = option.kind === 'lora' ? { rank: option.rank, alpha: option.alpha, targets: option.targets } : undefined;
  const begin = (): Weights => {
    const own = Object.fromEntries([...entire].map((name) => [name, tf.clone(frozen[name])]));
    if (!lora) return own;
    const adapted = Object.fromEntries(Object.entries(frozen).filter(([name]) => !entire.has(name)));
    return { ...own, ...initLora(adapted, lora, randomStream(config.seed, 'lora')).weights };
  };
  const begun = flatten(begin());
  const parametersOf = (trained: tf.Tensor1D) =>
    tf.tidy(() => {
      const given = unflatten(trained, begun.layout);
      const weights = lora ? applyLora({ ...frozen, ...given }, adapterIn(given, lora)) : { ...frozen, ...given };
      return tf.concat1d(layout.names.map((name) => tf.reshape(weights[name], [-1]) as tf.Tensor1D));
    });
  return {
    layout: begun.layout,
    start: () => tf.clone(begun.parameters),
    parametersOf,
    gradientOf(trained, gradient) {
      const own = tf.grad((each) => parametersOf(each as tf.Tensor1D))(trained, gradient) as tf.Tensor1D;
      gradient.dispose();
      return own;
    },
    ...(lora ? { adapterOf: (trained) => adapterIn(unflatten(trained, begun.layout), lora) } : {}),
    dispose: () => tf.dispose([frozen, begun.parameters]),
  };
}

function adapterIn(weights: Weights, options: LoraOptions): LoraAdapter {
  return { options, weights: Object.fromEntries(Object.entries(weights).filter(([name]) => loraModule(name))) };
}

/** A part that the network lacks would be trained in vain; the defaults of `lora` name some that not every network has. */
function checkParts(whole: readonly Part[], names: readonly string[]): void {
  if (!names.some((name) => whole.includes(partOf(name))))
    throw wrongOption('tune.parts', whole, `parts of this network: ${[...new Set(names.map(partOf))].join(' | ')}`);
}
