import { UserError } from '../checks/error.js';
import type { BootstrapOptions } from '../statistics/bootstrap.js';
import type { Answered } from '../tasks/kinds/index.js';
import type { Evaluation } from './evaluate.js';
import { answerMetrics, sliceMetrics } from './measure.js';
import { combineProducts } from './seen-products.js';
import type { TaskResult } from './task-result.js';

/**
 * Combine the folds of G2: every product is a query for the model that has not seen it. Metrics, controls and slices are computed over all
 * queries; chance is the mean over queries. If a control does not apply in one fold, it does not apply in the result, for the same reason.
 * @param folds evaluations with rows, with the same seeds
 * @throws UserError for evaluations without rows, or with different seeds
 */
export function joinFolds(folds: readonly Evaluation[], options?: BootstrapOptions): Evaluation {
  const [first] = folds;
  for (const { seeds, tasks } of folds) {
    if (String(seeds) !== String(first.seeds))
      throw new UserError(`joinFolds: got folds with the seeds ${seeds} and ${first.seeds}, expected the same seeds.`);
    if (tasks.some(({ rows }) => !rows))
      throw new UserError('joinFolds: got an evaluation without rows. Evaluate with { rows: true }.');
  }
  const names = first.tasks.map(({ name }) => name);
  const tasks = names.map((name) => folds.flatMap((fold) => fold.tasks.find((task) => task.name === name) ?? []));
  return {
    ...first,
    tasks: tasks.map((parts) => joinTask(parts, first.seeds, options)),
    missingImages: Math.max(...folds.map(({ missingImages }) => missingImages)),
  };
}

function joinTask(parts: readonly TaskResult[], seeds: readonly number[], options?: BootstrapOptions): TaskResult {
  const [{ leftOut: _, controlAnswers: __, embeddings: ___, ...first }] = parts;
  const rows = parts.flatMap((part) => part.rows!);
  const main = seeds.map((seed) => rows.filter((row) => row.seed === seed));
  const [asks] = main;
  const metrics = Object.keys(first.chance);
  const meanChance = (metric: string) =>
    parts.reduce((sum, { n, chance }) => sum + n * chance[metric], 0) / asks.length;
  const names = Object.keys(first.controls).filter((name) => parts.every((part) => part.controls[name]));
  const answers = names.map((name) => [name, joinAnswers(parts.map((part) => part.controlAnswers![name]))]);
  const measured = answerMetrics(first.kind, asks, { main, ...Object.fromEntries(answers) }, options);
  const leftOut = sumByReason(parts.map((part) => part.leftOut ?? {}));
  return {
    ...first,
    products: combineProducts(parts.map(({ products }) => products)),
    n: asks.length,
    items: Math.max(...parts.map(({ items }) => items)),
    chance: Object.fromEntries(metrics.map((metric) => [metric, meanChance(metric)])),
    metrics: measured.main,
    controls: Object.fromEntries(Object.keys(first.controls).map((name) => [name, measured[name] ?? null])),
    reasons: Object.assign({}, ...parts.map(({ reasons }) => reasons)),
    slices: sliceMetrics(first.kind, asks, main),
    ...(Object.keys(leftOut).length ? { leftOut } : {}),
    rows,
  };
}

/** The answers of each seed to the queries of all folds, in the order of the folds. */
function joinAnswers(folds: readonly Answered[][][]): Answered[][] {
  return folds[0].map((_, seed) => folds.flatMap((bySeed) => bySeed[seed]));
}

function sumByReason(parts: readonly Record<string, number>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const part of parts)
    for (const [reason, count] of Object.entries(part)) sums[reason] = (sums[reason] ?? 0) + count;
  return sums;
}
