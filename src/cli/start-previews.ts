import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalogue } from '../data/types.js';
import { clusterBootstrap, type Interval } from '../evaluate/bootstrap.js';
import { retrievalMetrics } from '../evaluate/rank-metrics.js';
import { type RetrievalResult, retrieval } from '../evaluate/retrieval.js';
import type { Table } from '../figures/figure.js';
import { type MetricRow, retrievalTable } from '../figures/metric-table.js';
import type { MoonConfig } from '../train/config.js';
import { trainRun } from '../train/run/train-run.js';

/** The paper's three removals, in its order of damage; `withoutGuidance` keeps the count of experts and top-k. */
const removals: Record<string, (base: MoonConfig) => MoonConfig> = {
  base: (base) => base,
  'without regions': (base) => ({ ...base, region: { kind: 'none' } }),
  'without guidance': (base) =>
    base.experts.kind === 'guided' ? { ...base, experts: { ...base.experts, kind: 'plain' } } : base,
  'without spatial and temporal negatives': ({ negatives, ...base }) => ({
    ...base,
    negatives: {
      ...negatives,
      spatial: { ...negatives.spatial, kind: 'none' },
      temporal: { kind: 'none' },
    },
  }),
};

/** One short run. */
export interface Preview {
  name: string;
  result: RetrievalResult;
  /** Reciprocal rank less the base's on the same queries, mean and 95% interval over products and their photos. */
  difference?: Interval;
}

/** Train the base and each removal for an equal, short budget, and measure them on the same queries. */
export async function previewRemovals(
  base: MoonConfig,
  catalogue: Catalogue,
  out: string,
  steps: number,
  onStep: (name: string, done: number) => void,
): Promise<Preview[]> {
  const warmUp = Math.min(base.optimizer.warmUp, Math.ceil(steps / 5));
  const previews: Preview[] = [];
  for (const [name, change] of Object.entries(removals)) {
    const config = change({ ...base, optimizer: { ...base.optimizer, steps, warmUp } });
    const folder = join(out, 'previews', name.replaceAll(' ', '-'));
    rmSync(folder, { recursive: true, force: true });
    const { trained, pixels } = await trainRun(folder, config, catalogue, {
      every: steps,
      keep: 1,
      onStep: ({ step }) => onStep(name, step),
    });
    const result = await retrieval(trained, catalogue, pixels, { split: 'val' });
    trained.parameters.dispose();
    previews.push({
      name,
      result,
      ...(previews.length ? { difference: differenceOf(result, previews[0].result) } : {}),
    });
  }
  return previews;
}

function differenceOf(one: RetrievalResult, base: RetrievalResult): Interval {
  const [own, other] = [one, base].map(({ ranks }) => ranks.map(retrievalMetrics.MRR));
  return clusterBootstrap(
    own.map((value, at) => value - other[at]),
    base.ranks.map(({ gold }) => String(gold)),
  );
}

/** The previews as a table that says what it is and what it cannot tell. */
export function previewTable(previews: readonly Preview[], steps: number): Table {
  const rows = previews.map(({ name, result: { n, chance, metrics }, difference }): MetricRow => {
    const note = difference ? describe(difference) : '';
    return { name, n, chance, metrics, note };
  });
  return retrievalTable(
    rows,
    `Preview of the paper's removals: ${steps} steps each, one seed, photo to product on validation. moon-lab ablate measures them`,
  );
}

function describe({ value, low, high }: Interval): string {
  const points = (share: number) => (100 * share).toFixed(1);
  const word = low > 0 ? 'higher' : high < 0 ? 'lower' : 'not distinguishable';
  return `MRR ${points(value)} [${points(low)}, ${points(high)}] against base: ${word}`;
}
