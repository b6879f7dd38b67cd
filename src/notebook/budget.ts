import { environmentInteger } from '../checks/integer.js';
import type { MoonConfig } from '../config/config.js';
import { shortened } from '../config/with-steps.js';

/**
 * How many steps a notebook trains: `usual`, or fewer if the environment variable MOON_STEPS says so, to try a notebook in seconds.
 * Prints a note if it cuts the budget.
 * @throws UserError if MOON_STEPS is not a positive integer
 */
export function stepBudget(usual: number): number {
  const max = environmentInteger('MOON_STEPS', { min: 1 }) ?? usual;
  if (max >= usual) return usual;
  console.log(
    `MOON_STEPS cuts the budget to ${max} of ${usual} steps: the numbers below show that the notebook runs, not what the network can do.`,
  );
  return max;
}

/**
 * The config with `stepBudget(usual)` steps; a short run is not compiled.
 * @example
 * ```ts
 * const config = moon.budgeted(moon.grocery, 120); // 120 steps, or MOON_STEPS where that is fewer
 * ```
 */
export function budgeted(config: MoonConfig, usual: number): MoonConfig {
  return shortened(config, stepBudget(usual));
}
