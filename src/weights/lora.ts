import { TOKENS } from '../backbones/qwen25vl/names.js';
import { UserError, wrongOption } from '../checks/error.js';
import type { Weights } from '../engine/flat-weights.js';
import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';

/** Low-rank adaptation (arXiv 2106.09685). */
export interface LoraOptions {
  rank: number;
  /** The change is scaled by alpha / rank. */
  alpha: number;
  /** Projections to adapt, by the last parts of their names: `q_proj`, `mlp.down_proj`, `layers.0.self_attn.v_proj`. */
  targets: readonly string[];
}

/** For each adapted projection W [out, in] two small matrices; W becomes W + alpha / rank * B A. */
export interface LoraAdapter {
  options: LoraOptions;
  /** By the projection's name: `{name}.lora_A.weight` [rank, in] and `{name}.lora_B.weight` [out, rank]. Trainable; the caller frees them. */
  weights: Weights;
}

/**
 * A new adapter that changes nothing yet: A uniform as PEFT draws it, B zero. Every projection draws from a stream of its own.
 * @throws UserError for a target that names no projection
 */
export function initLora(base: Weights, options: LoraOptions, stream: RandomStream): LoraAdapter {
  const { rank, alpha, targets } = options;
  if (!(Number.isInteger(rank) && rank >= 1)) throw wrongOption('lora.rank', rank, 'an integer of at least 1');
  if (!(alpha > 0)) throw wrongOption('lora.alpha', alpha, 'a number above 0');
  const modules = projections(base);
  const named = (module: string, target: string) => `.${module}`.endsWith(`.${target}`);
  const idle = targets.find((target) => !modules.some((module) => named(module, target)));
  if (idle !== undefined || targets.length === 0)
    throw wrongOption('lora.targets', idle ?? targets, 'names of projections', `They end in ${endings(modules)}.`);
  const weights: Weights = {};
  for (const module of modules.filter((name) => targets.some((target) => named(name, target)))) {
    const [out, width] = base[`${module}.weight`].shape;
    const draw = stream.child(module);
    const range = 1 / Math.sqrt(width);
    const down = Float32Array.from({ length: rank * width }, () => (2 * draw.uniform() - 1) * range);
    const names = loraNames(module);
    weights[names.down] = tf.tensor2d(down, [rank, width]);
    weights[names.up] = tf.zeros([out, rank]);
  }
  return { options: { rank, alpha, targets: [...targets] }, weights };
}

/** Names of the two matrices of a projection. */
export function loraNames(module: string): { down: string; up: string } {
  return { down: `${module}.lora_A.weight`, up: `${module}.lora_B.weight` };
}

/** The projection that a matrix of an adapter belongs to, and which of the two it is; undefined for any other name. */
export function loraModule(name: string): { module: string; part: 'down' | 'up' } | undefined {
  const [, module, letter] = /^(.+)\.lora_([AB])\.weight$/.exec(name) ?? [];
  return module === undefined ? undefined : { module, part: letter === 'A' ? 'down' : 'up' };
}

/** Linear layers by name; embeddings are looked up, not multiplied. */
function projections(base: Weights): string[] {
  return Object.keys(base)
    .filter((name) => base[name].rank === 2 && name.endsWith('.weight') && name !== TOKENS)
    .map((name) => name.slice(0, -'.weight'.length));
}

function endings(modules: readonly string[]): string {
  return [...new Set(modules.map((module) => module.split('.').at(-1)))].join(' | ');
}

/** Names of the projections that an adapter changes. */
export function adaptedModules(adapter: LoraAdapter): string[] {
  return Object.keys(adapter.weights).flatMap((name) => {
    const found = loraModule(name);
    return found?.part === 'down' ? [found.module] : [];
  });
}

/**
 * The weights of the adapted network: those adapted are new tensors, the others are the base's own. Apart: call it inside
 * the loss of each step and differentiate by `adapter.weights`; the base stays as it is. Merged: keep the result (and free
 * `adaptedModules`' weights of it when done). Any network function takes either.
 */
export function applyLora(base: Weights, adapter: LoraAdapter): Weights {
  const scale = adapter.options.alpha / adapter.options.rank;
  return tf.tidy(() => {
    const weights = { ...base };
    for (const module of adaptedModules(adapter)) {
      const name = `${module}.weight`;
      if (!base[name]) throw new UserError(`lora: the network has no ${name}. Take the adapter's own base model.`);
      const names = loraNames(module);
      const down = adapter.weights[names.down] as tf.Tensor2D;
      const up = adapter.weights[names.up] as tf.Tensor2D;
      weights[name] = tf.add(base[name], tf.mul(tf.matMul(up, down), scale));
    }
    return weights;
  });
}
