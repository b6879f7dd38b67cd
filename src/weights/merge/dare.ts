import type { RandomStream } from '../../engine/random.js';
import { sumOfElected } from './elect-signs.js';
import type { Deltas } from './merge-tensor.js';
import type { OfKind } from './option.js';
import { weightedSum, weightsOf } from './task-vector.js';

/** Drop entries of each task vector at random, enlarge the rest, and sum them up. @param stream of this tensor; a model has a child of it */
export function dare({ deltas }: Deltas, option: OfKind<'dare'>, stream: RandomStream): Float32Array {
  const weights = weightsOf(option, deltas.length);
  const kept = deltas.map((delta, model) => {
    const density = option.densities?.[model] ?? option.density;
    const draw = stream.child(String(model));
    const mask = Uint8Array.from(delta, () => Number(draw.uniform() < density));
    return dropped(delta, mask, { density, rescale: option.rescale });
  });
  if (option.elect) return sumOfElected(kept, weights, option);
  const divisor = { none: 1, count: deltas.length, weights: weights.reduce((sum, weight) => sum + weight, 0) }[
    option.divide
  ];
  return weightedSum(
    kept,
    weights.map((weight) => weight / (divisor || 1)),
  );
}

/** A task vector where the mask is 1, enlarged; zero elsewhere. */
export function dropped(
  delta: Float32Array,
  mask: Uint8Array,
  { density, rescale }: Pick<OfKind<'dare'>, 'density' | 'rescale'>,
): Float32Array {
  const factor =
    rescale === 'none' ? 1 : rescale === 'density' ? 1 / density : magnitudes(delta) / magnitudes(delta, mask);
  return delta.map((value, at) => (mask[at] ? value * (Number.isFinite(factor) ? factor : 1) : 0));
}

function magnitudes(values: Float32Array, mask?: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) if (!mask || mask[at]) sum += Math.abs(values[at]);
  return sum;
}
