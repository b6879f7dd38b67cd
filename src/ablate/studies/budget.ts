import type { MoonConfig } from '../../config/config.js';

/**
 * The training budget of every row.
 * - `items`: the same number of queries and items as the base sees in `steps` updates. A row with larger updates makes fewer of them.
 * - `seconds`: as many updates as fit into this time, given the row's own step time, which is measured before its first trial.
 */
export type Budget = { kind: 'items'; steps: number } | { kind: 'seconds'; seconds: number };

/** Number of updates in which a row sees as many queries as the base in `steps` updates. */
export function equalItems(base: MoonConfig, row: MoonConfig, steps: number): number {
  const queries = ({ sampler, optimizer }: MoonConfig) => sampler.products * sampler.queries * optimizer.accumulate;
  return Math.max(1, Math.round((steps * queries(base)) / queries(row)));
}

/** Number of updates that fit into the time, at least 1. @param stepTime seconds per update */
export function stepsIn(seconds: number, stepTime: number): number {
  return Math.max(1, Math.floor(seconds / stepTime));
}
