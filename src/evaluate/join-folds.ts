import { UserError } from '../engine/check.js';
import type { BootstrapOptions } from './bootstrap.js';
import type { Evaluation } from './evaluate.js';
import { answerMetrics, sliceMetrics, type TaskResult } from './measure.js';

/**
 * The folds of G2 as one: every product is asked for by the network that has not seen it. Metrics and slices over all queries, chance as
 * the mean over them; controls stand in the evaluations of the folds.
 * @param folds evaluations with rows, of the same seeds
 * @throws UserError for evaluations without rows, or of different seeds
 */
export function joinFolds(folds: readonly Evaluation[], options?: BootstrapOptions): Evaluation {
  const [first] = folds;
  for (const { seeds, tasks } of folds) {
    if (String(seeds) !== String(first.seeds))
      throw new UserError(`joinFolds: got folds of the seeds ${seeds} and ${first.seeds}, expected the same seeds.`);
    if (tasks.some(({ rows }) => !rows))
      throw new UserError('joinFolds: got an evaluation without rows; evaluate with { rows: true }.');
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
  const [{ leftOut: _, ...first }] = parts;
  const rows = parts.flatMap((part) => part.rows!);
  const main = seeds.map((seed) => rows.filter((row) => row.seed === seed));
  const [asks] = main;
  const metrics = Object.keys(first.chance);
  const meanChance = (metric: string) =>
    parts.reduce((sum, { n, chance }) => sum + n * chance[metric], 0) / asks.length;
  return {
    ...first,
    n: asks.length,
    items: Math.max(...parts.map(({ items }) => items)),
    chance: Object.fromEntries(metrics.map((metric) => [metric, meanChance(metric)])),
    metrics: answerMetrics(first.kind, asks, { main }, options).main,
    controls: {},
    reasons: {},
    slices: sliceMetrics(first.kind, asks, main),
    rows,
  };
}
