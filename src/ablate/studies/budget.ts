import type { MoonConfig } from '../../config/config.js';

/**
 * What every row may spend.
 * - `items`: as many queries and items as the base reads in `steps` updates; a row with larger updates makes fewer of them.
 * - `seconds`: as many updates as fit into the time, by the row's own step time, measured before its first trial.
 */
export type Budget = { kind: 'items'; steps: number } | { kind: 'seconds'; seconds: number };

/** Updates of a row that read as many queries as `steps` updates of the base. */
export function equalItems(base: MoonConfig, row: MoonConfig, steps: number): number {
  const queries = ({ sampler, optimizer }: MoonConfig) => sampler.products * sampler.queries * optimizer.accumulate;
  return Math.max(1, Math.round((steps * queries(base)) / queries(row)));
}

/** Updates that fit into a time. @param stepTime seconds of an update */
export function stepsIn(seconds: number, stepTime: number): number {
  return Math.max(1, Math.floor(seconds / stepTime));
}
