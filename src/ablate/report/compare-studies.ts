import { UserError } from '../../checks/error.js';
import { points } from '../../evaluate/contrast/findings-text.js';
import type { Interval } from '../../statistics/bootstrap.js';
import { independentDifference } from '../changes/independent.js';
import type { StudyResult } from '../run/study-result.js';

/** A comparison of the rows that two studies share, on the metric of their headline tasks. */
export interface StudyComparison {
  studies: [string, string];
  /** Whether both used the same data, and the same queries of it. */
  sameData: boolean;
  sameQueries: boolean;
  metric: string;
  rows: {
    name: string;
    values: [Interval, Interval];
    /** Difference from the base in each study; null for the base. */
    differences: [Interval, Interval] | null;
    /** Second minus first study, of the differences (for the base, of the values). Treats both as independent. */
    change: Interval;
    /** Whether the interval of `change` contains 0. */
    agree: boolean;
  }[];
  /** Rows that only one of them has. */
  alone: [string[], string[]];
}

/**
 * Compare two studies, such as those of two data sets or two versions of the code. The studies are treated as independent, not paired: if
 * they share queries and seeds, the intervals of `change` are wider than necessary.
 * @throws UserError if one has no finished trial of its base, or if their metrics differ
 */
export function compareStudies(one: StudyResult, other: StudyResult): StudyComparison {
  const [first, second] = [one.tables[0], other.tables[0]];
  if (!first || !second)
    throw new UserError(`compare: ${first ? other.folder : one.folder} has no finished trial of its base yet.`);
  if (first.metric !== second.metric)
    throw new UserError(
      `compare: got ${first.task.name} (${first.metric}) and ${second.task.name} (${second.metric}), expected the same metric.`,
    );
  const { metric } = first;
  const shared = first.rows.flatMap((row) => {
    const twin = second.rows.find(({ name }) => name === row.name);
    return twin ? [[row, twin] as const] : [];
  });
  const named = (table: typeof first) => table.rows.map(({ name }) => name);
  return {
    studies: [one.folder, other.folder],
    sameData: one.study.provenance.data === other.study.provenance.data,
    sameQueries:
      one.study.provenance.data === other.study.provenance.data &&
      first.task.name === second.task.name &&
      one.study.split === other.study.split,
    metric,
    rows: shared.map(([row, twin]) => {
      const values: [Interval, Interval] = [row.metrics[metric], twin.metrics[metric]];
      const own = row.difference[metric];
      const differences: [Interval, Interval] | null = own ? [own, twin.difference[metric]] : null;
      const change = independentDifference(...(differences ?? values));
      return { name: row.name, values, differences, change, agree: change.low <= 0 && change.high >= 0 };
    }),
    alone: [
      named(first).filter((name) => !named(second).includes(name)),
      named(second).filter((name) => !named(first).includes(name)),
    ],
  };
}

export function comparisonText({ studies, sameData, sameQueries, metric, rows, alone }: StudyComparison): string {
  const shown = ({ value, low, high }: Interval) => `${points(value)} [${points(low)}, ${points(high)}]`;
  return [
    `${studies[0]} and ${studies[1]}: ${sameData ? 'the same data' : 'different data'}, ${sameQueries ? 'the same queries' : 'different queries'}; ${metric} %`,
    ...rows.map(({ name, values, differences, change, agree }) => {
      const [left, right] = differences ?? values;
      const what = differences ? 'difference from its base' : 'score';
      return `  ${name}, ${what}: ${shown(left)} and ${shown(right)}, change ${shown(change)}: ${agree ? 'not distinguishable' : 'they differ'}`;
    }),
    ...studies.flatMap((study, at) => (alone[at].length ? [`  only in ${study}: ${alone[at].join(', ')}`] : [])),
  ].join('\n');
}
