import type { Answer } from '../ablate/run/trial.js';
import { randomStream } from '../engine/random.js';
import { LABELS_AT, labelMetrics } from '../tasks/kinds/multi-label.js';
import type { MultiLabelScores } from '../tasks/multi-label.js';
import { type ItemScores, scoreLabels } from './find-labels.js';
import type { InstanceData } from './study-data.js';

/** The answers to all asked pictures. @param scoresOf of the items of the gallery, by the number of the picture */
export function answers(
  { asked, gallery }: InstanceData,
  task: string,
  scoresOf: (at: number) => ItemScores,
): Answer[] {
  const items = { ids: gallery.map(({ id }) => id), labels: gallery.map(({ product }) => product) };
  return asked.map(({ id, products }, at) => {
    const { scores, best } = scoreLabels(scoresOf(at), items, products, LABELS_AT);
    return {
      task,
      query: id,
      product: products[0],
      gold: [...products],
      before: 0,
      tied: 0,
      relevant: products.length,
      best: [best],
      values: metricsOf(scores),
    };
  });
}

const metricsOf = (scores: MultiLabelScores): Record<string, number> =>
  Object.fromEntries(
    Object.entries(labelMetrics).map(([name, metric]) => [metric, scores[name as keyof MultiLabelScores]]),
  );

const ORDERS = 20;

/** What random orders of the gallery score, a mean over many. @param asked products of every query @param labels of the items */
export function chanceOfLabels(
  asked: readonly (readonly string[])[],
  labels: readonly string[],
): Record<string, number> {
  const stream = randomStream(0, 'orders');
  const items = { ids: labels, labels };
  const sums: Record<string, number> = {};
  for (let order = 0; order < ORDERS; order++)
    for (const products of asked) {
      const scores = Float32Array.from(labels, () => stream.uniform());
      for (const [metric, value] of Object.entries(metricsOf(scoreLabels(scores, items, products, LABELS_AT).scores)))
        sums[metric] = (sums[metric] ?? 0) + value / (ORDERS * asked.length);
    }
  return sums;
}
