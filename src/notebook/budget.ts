import { wrongOption } from '../checks/error.js';
import type { MoonConfig } from '../config/config.js';
import { shortened } from '../config/with-steps.js';

/**
 * Steps that a notebook trains: `usual`, or fewer where MOON_STEPS in the environment says so, which is printed. So a notebook can be
 * tried in seconds.
 */
export function stepBudget(usual: number): number {
  const named = process.env.MOON_STEPS;
  if (!named) return usual;
  const max = Number(named);
  if (!Number.isInteger(max) || max < 1) throw wrongOption('MOON_STEPS', named, 'a whole number of at least 1');
  if (max >= usual) return usual;
  console.log(
    `Budget cut by MOON_STEPS: ${max} of ${usual} steps. The numbers below show that it runs, not what it can do.`,
  );
  return max;
}

/** The config with the steps of `stepBudget`; few steps are not compiled. */
export function budgeted(config: MoonConfig, usual: number): MoonConfig {
  return shortened(config, stepBudget(usual));
}
