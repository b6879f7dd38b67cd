import { UserError } from '../../checks/error.js';
import type { Interval } from '../../statistics/bootstrap.js';
import { lessIndependent } from '../changes/independent.js';
import type { StudyResult } from '../run/study-result.js';
import { points } from './findings-text.js';

/** Rows that two studies share, on the metric of the headline task. */
export interface StudyComparison {
  studies: [string, string];
  /** What the two have in common and in what they differ. */
  sameData: boolean;
  sameQueries: boolean;
  metric: string;
  rows: {
    name: string;
    values: [Interval, Interval];
    /** Differences to the base of each study; null for the base. */
    differences: [Interval, Interval] | null;
    /** Second study less the first, of the differences (of the values, for the base); the two are taken for independent. */
    change: Interval;
    /** Whether the interval of `change` holds 0. */
    agree: boolean;
  }[];
  /** Rows that one of them has alone. */
  alone: [string[], string[]];
}

/**
 * Two studies beside each other, such as two data sets or two versions of the code. Nothing is paired: each has its own interval, and
 * where both asked the same queries of the same seeds, what they are apart by is known better than is said here.
 * @throws UserError where there is nothing to compare
 */
export function compareStudies(one: StudyResult, other: StudyResult): StudyComparison {
  const [first, second] = [one.tables[0], other.tables[0]];
  if (!first || !second)
    throw new UserError(`compare: ${first ? other.folder : one.folder} has no finished trial of its base yet.`);
  if (first.metric !== second.metric)
    throw new UserError(
      `compare: got ${first.task.name} (${first.metric}) and ${second.task.name} (${second.metric}), expected tasks of one kind.`,
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
      const change = lessIndependent(...(differences ?? values));
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
    `${studies[0]} and ${studies[1]}: ${sameData ? 'the same data' : 'other data'}, ${sameQueries ? 'the same queries' : 'other queries'}; ${metric} %`,
    ...rows.map(({ name, values, differences, change, agree }) => {
      const [left, right] = differences ?? values;
      const what = differences ? 'against its base' : 'itself';
      return `  ${name}, ${what}: ${shown(left)} and ${shown(right)}, apart by ${shown(change)}: ${agree ? 'not distinguishable' : 'they differ'}`;
    }),
    ...studies.flatMap((study, at) => (alone[at].length ? [`  only in ${study}: ${alone[at].join(', ')}`] : [])),
  ].join('\n');
}
