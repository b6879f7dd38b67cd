import { loraModule, loraNames } from '../backbones/layers/adapted-linear.js';
import { TOKENS } from '../backbones/layers/decoder-names.js';
import { UserError, wrongOption } from '../checks/error.js';
import type { Weights } from '../engine/flat-weights.js';
import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';

/** Options of low-rank adaptation (LoRA, arXiv 2106.09685). */
export interface LoraOptions {
  rank: number;
  /** The update is scaled by alpha / rank. */
  alpha: number;
  /** Projections to adapt, by the end of their names: `q_proj`, `mlp.down_proj`, `layers.0.self_attn.v_proj`. */
  targets: readonly string[];
}

/** Two small matrices for each adapted projection W [out, in], which becomes W + alpha / rank * B A; for experts, two for each of them. */
export interface LoraAdapter {
  options: LoraOptions;
  /**
   * Per projection `{name}.lora_A.weight` [rank, in] and `{name}.lora_B.weight` [out, rank], for experts [experts, ...]. Trainable; the
   * caller frees them.
   */
  weights: Weights;
}

/**
 * Initialise an adapter that changes nothing yet: A is uniform as in PEFT, B is zero. Each projection has its own random stream.
 * @param base the network's weights, or their shapes
 * @throws UserError for a wrong option, or a target that matches no projection
 */
export function initLora(
  base: Weights | Record<string, number[]>,
  options: LoraOptions,
  stream: RandomStream,
): LoraAdapter {
  const { rank, alpha, targets } = options;
  if (!(Number.isInteger(rank) && rank >= 1)) throw wrongOption('lora.rank', rank, 'an integer of at least 1');
  if (!(alpha > 0)) throw wrongOption('lora.alpha', alpha, 'a number above 0');
  const shapes = Object.fromEntries(
    Object.entries(base).map(([name, weight]) => [name, Array.isArray(weight) ? weight : weight.shape]),
  );
  const weights: Weights = {};
  for (const [module, { down, up }] of Object.entries(loraShapes(shapes, options))) {
    const draw = stream.child(module);
    const range = 1 / Math.sqrt(down[down.length - 1]);
    const size = down.reduce((product, side) => product * side, 1);
    const names = loraNames(module);
    weights[names.down] = tf.tensor(
      Float32Array.from({ length: size }, () => (2 * draw.uniform() - 1) * range),
      down,
    );
    weights[names.up] = tf.zeros(up);
  }
  return { options: { rank, alpha, targets: [...targets] }, weights };
}

/**
 * Shapes of an adapter's two matrices, by projection.
 * @param shapes of the network's weights, by name
 * @throws UserError for a target that matches no projection
 */
export function loraShapes(
  shapes: Record<string, number[]>,
  { rank, targets }: Pick<LoraOptions, 'rank' | 'targets'>,
): Record<string, { down: number[]; up: number[] }> {
  const modules = projections(shapes);
  const named = (module: string, target: string) => `.${module}`.endsWith(`.${target}`);
  const unmatched = targets.find((target) => !modules.some((module) => named(module, target)));
  if (unmatched !== undefined || targets.length === 0)
    throw wrongOption('lora.targets', unmatched ?? targets, 'names of projections', `They end in ${endings(modules)}.`);
  const adapted = modules.filter((name) => targets.some((target) => named(name, target)));
  return Object.fromEntries(
    adapted.map((module) => {
      const shape = shapes[weightOf(module, shapes)!];
      const [out, width] = shape.slice(-2);
      const copies = shape.slice(0, -2);
      return [module, { down: [...copies, rank, width], up: [...copies, out, rank] }];
    }),
  );
}

/** Names of linear layers, and of experts, whose weights are one tensor. Embeddings are looked up, not multiplied, so they are left out. */
function projections(shapes: Record<string, number[]>): string[] {
  const isLinear = (name: string) => shapes[name].length === 2 && name.endsWith('.weight') && name !== TOKENS;
  const isExperts = (name: string) => shapes[name].length === 3 && name.endsWith('_proj');
  return Object.keys(shapes)
    .filter((name) => isLinear(name) || isExperts(name))
    .map((name) => name.replace(/\.weight$/, ''));
}

/** The name of a projection's weight; undefined if the network has none. */
export const weightOf = (module: string, base: Record<string, unknown>) =>
  [`${module}.weight`, module].find((name) => base[name] !== undefined);

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
 * The weights of the adapted network: new tensors for adapted weights, the base's own for the others. To train, call it inside the loss of
 * each step and differentiate with respect to `adapter.weights`; the base does not change. To merge, keep the result, and free its weights
 * of `adaptedModules` when done.
 * @throws UserError when the base lacks an adapted projection
 */
export function applyLora(base: Weights, adapter: LoraAdapter): Weights {
  const scale = adapter.options.alpha / adapter.options.rank;
  return tf.tidy(() => {
    const weights = { ...base };
    for (const module of adaptedModules(adapter)) {
      const name = weightOf(module, base);
      if (!name)
        throw new UserError(
          `lora: the network has no ${module}.weight. Take the base model that the adapter was trained on.`,
        );
      const names = loraNames(module);
      const down = adapter.weights[names.down] as tf.Tensor2D;
      const up = adapter.weights[names.up] as tf.Tensor2D;
      weights[name] = tf.add(base[name], tf.mul(tf.matMul(up, down), scale));
    }
    return weights;
  });
}
