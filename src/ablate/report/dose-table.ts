import { groupBy } from '../../data/group-by.js';
import { reportPage } from '../../figures/page/page.js';
import { type DoseSeries as Curve, doseResponse } from '../../figures/plots/dose-response.js';
import { forestPlot } from '../../figures/plots/forest-plot.js';
import type { Interval } from '../../statistics/bootstrap.js';
import { lessIndependent } from '../changes/independent.js';
import type { StudyResult } from '../run/study-result.js';
import type { DoseSeries } from '../studies/dose-studies.js';
import { points, verdict } from './findings-text.js';

/** The studies of a dose series, by dose. */
export interface DoseResult {
  series: Pick<DoseSeries, 'name' | 'dial' | 'prediction'>;
  studies: { dose: number; result: StudyResult }[];
}

/** One row at one dose. */
export interface DoseRow {
  dose: number;
  row: string;
  metric: string;
  value: Interval;
  /** Less the base at the same dose; null for the base. */
  difference: Interval | null;
  n: number;
  seeds: number;
  words: string;
}

/** Every row at every dose, and what it loses against the base there; plain JSON. */
export function doseRows({ studies }: DoseResult): DoseRow[] {
  return studies.flatMap(({ dose, result: { tables } }) =>
    tables.slice(0, 1).flatMap(({ metric, rows, findings }) =>
      rows.map((row) => {
        const finding = findings.find(({ name }) => name === row.name);
        return {
          dose,
          row: row.name,
          metric,
          value: row.metrics[metric],
          difference: finding ? finding.difference : null,
          n: row.n,
          seeds: row.seeds.length,
          words: finding?.words ?? '',
        };
      }),
    ),
  );
}

/** What the dial does to a row's difference: that at the highest dose less that at the lowest, which are studies of their own. */
export interface DoseTrend {
  row: string;
  from: number;
  to: number;
  /** Below 0 where the row loses more at the highest dose. */
  trend: Interval;
  distinguishable: boolean;
  words: string;
}

/** The trend of every row but the base; none before two doses have one. */
export function doseTrends(result: DoseResult): DoseTrend[] {
  const compared = doseRows(result).filter(({ difference }) => difference);
  return [...groupBy(compared, ({ row }) => row)].flatMap(([row, own]): DoseTrend[] => {
    if (own.length < 2) return [];
    const [first, ...others] = own.toSorted((a, b) => a.dose - b.dose);
    const last = others[others.length - 1];
    const trend = lessIndependent(first.difference!, last.difference!);
    const distinguishable = trend.low > 0 || trend.high < 0;
    const words = `from ${first.dose} to ${last.dose} the difference of ${row} moves by ${points(trend.value)} [${points(trend.low)}, ${points(trend.high)}]: ${verdict(distinguishable, Math.min(first.seeds, last.seeds))}`;
    return [{ row, from: first.dose, to: last.dose, trend, distinguishable, words }];
  });
}

/** What `moon-lab ablate --study dose-... --json` prints of a series. */
export interface DoseSeriesResult {
  series: DoseResult['series'];
  rows: DoseRow[];
  trends: DoseTrend[];
}

export function doseSeriesResult(result: DoseResult): DoseSeriesResult {
  return { series: result.series, rows: doseRows(result), trends: doseTrends(result) };
}

export function doseText(result: DoseResult): string {
  const { series } = result;
  return [
    `${series.name}, ${series.dial}`,
    `Predicted: ${series.prediction}`,
    ...doseRows(result).map(({ dose, row, metric, value, words }) =>
      [`  ${dose}: ${row}, ${metric} ${points(value.value)} [${points(value.low)}, ${points(value.high)}]`, words]
        .filter(Boolean)
        .join('; '),
    ),
    ...doseTrends(result).map(({ words }) => `  ${words}`),
  ].join('\n');
}

/** A curve a row, for `doseResponse`. */
export function doseCurves(rows: readonly DoseRow[]): Curve[] {
  return [...groupBy(rows, ({ row }) => row)].map(([name, own]) => ({
    name,
    points: own.map(({ dose, value, n }) => ({ dose, ...value, n })),
  }));
}

/** The curve of every row, and every difference. */
export function dosePage(result: DoseResult): string {
  const rows = doseRows(result);
  const metric = rows[0]?.metric ?? 'MRR';
  const differences = rows.flatMap(({ dose, row, difference, n }) =>
    difference
      ? [{ name: `${row}, ${dose}`, difference: difference.value, low: difference.low, high: difference.high, n }]
      : [],
  );
  const { name, dial, prediction } = result.series;
  const chance = result.studies[0]?.result.tables[0]?.task.chance[metric];
  return reportPage(name, [
    {
      heading: 'Dose and response',
      text: `Predicted: ${prediction}`,
      figure: doseResponse(doseCurves(rows), { title: name, dose: dial, metric, chance }),
    },
    { heading: 'Differences to the base at the same dose', figure: forestPlot(differences, { title: name, metric }) },
    { heading: 'In words', text: doseText(result).replaceAll('\n', '\n\n') },
  ]);
}
