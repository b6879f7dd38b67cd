import { loraModule, loraNames } from '../../backbones/layers/adapted-linear.js';
import { assert, UserError } from '../../checks/error.js';
import type { Weights } from '../../engine/flat-weights.js';
import * as tf from '../../engine/tf.js';

/** Projections that an adapter changes. @throws UserError for adapters that change others than the first */
function sharedModules(adapters: readonly Weights[]): string[] {
  assert(adapters.length > 0, 'adapters are composed');
  const modulesOf = (adapter: Weights) =>
    Object.keys(adapter).flatMap((name) => {
      const found = loraModule(name);
      return found?.part === 'down' ? [found.module] : [];
    });
  const [first, ...others] = adapters.map(modulesOf);
  const odd = others.find((own) => own.length !== first.length || own.some((module) => !first.includes(module)));
  if (odd) throw new UserError('compose: the adapters change different projections. Train them with the same targets.');
  return first;
}

/** @throws UserError for another number of factors than of adapters */
function checkLambdas(lambdas: readonly number[], adapters: readonly unknown[]): void {
  if (lambdas.length !== adapters.length)
    throw new UserError(`compose: got ${lambdas.length} lambdas for ${adapters.length} adapters; give one each.`);
}

/**
 * NaiveMC (arXiv 2402.12750) with A and B apart: the weighted sums of the matrices, whose product has cross terms between the adapters. New tensors.
 * @param adapters `{projection}.lora_A.weight` and `.lora_B.weight`, of scale 1
 * @throws UserError for adapters of other projections or ranks
 */
export function averagedApart(adapters: readonly Weights[], lambdas: readonly number[]): Weights {
  checkLambdas(lambdas, adapters);
  const modules = sharedModules(adapters);
  return tf.tidy(() =>
    Object.fromEntries(
      modules.flatMap((module) =>
        Object.values(loraNames(module)).map((name) => {
          const ranks = new Set(adapters.map((adapter) => adapter[name].shape.join(' x ')));
          if (ranks.size > 1)
            throw new UserError(
              `compose: ${name} is ${[...ranks].join(' and ')}. Adapters of different ranks sum up as products (joinedSide).`,
            );
          return [name, tf.addN(adapters.map((adapter, at) => tf.mul(adapter[name], lambdas[at])))];
        }),
      ),
    ),
  );
}

/**
 * The weighted sum of the products B A, exactly: the matrices side by side, of the sum of the ranks. New tensors.
 * @throws UserError for adapters of other projections
 */
export function joinedSide(adapters: readonly Weights[], lambdas: readonly number[]): Weights {
  checkLambdas(lambdas, adapters);
  return tf.tidy(() =>
    Object.fromEntries(
      sharedModules(adapters).flatMap((module) => {
        const { down, up } = loraNames(module);
        const scaled = adapters.map((adapter, at) => tf.mul(adapter[up], lambdas[at]));
        return [
          [
            down,
            tf.concat(
              adapters.map((adapter) => adapter[down]),
              0,
            ),
          ],
          [up, tf.concat(scaled, 1)],
        ] as const;
      }),
    ),
  );
}
