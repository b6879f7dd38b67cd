import { groupBy } from '../../data/group-by.js';
import { points, verdict } from '../../evaluate/contrast/findings-text.js';
import { reportPage } from '../../figures/page/page.js';
import { type DoseSeries as Curve, doseResponse } from '../../figures/plots/dose-response.js';
import { forestPlot } from '../../figures/plots/forest-plot.js';
import type { Interval } from '../../statistics/bootstrap.js';
import { independentDifference } from '../changes/independent.js';
import type { StudyResult } from '../run/study-result.js';
import type { DoseSeries } from '../studies/dose-series.js';

/** The results of a dose series, by dose. */
export interface DoseResult {
  series: Pick<DoseSeries, 'name' | 'dial' | 'prediction' | 'log'>;
  studies: { dose: number; result: StudyResult }[];
}

/** One row at one dose. */
export interface DoseRow {
  dose: number;
  row: string;
  metric: string;
  value: Interval;
  /** Difference from the base at the same dose; null for the base. */
  difference: Interval | null;
  n: number;
  seeds: number;
  words: string;
}

/** All rows at all doses, each with its difference from the base at the same dose. Plain JSON. */
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

/** How a row's difference from the base changes with the dose: at the highest dose minus at the lowest, which are independent studies. */
export interface DoseTrend {
  row: string;
  from: number;
  to: number;
  /** Below 0 if the row loses more at the highest dose. */
  trend: Interval;
  distinguishable: boolean;
  words: string;
}

/** The trend of every row except the base. A row needs results at two doses or more. */
export function doseTrends(result: DoseResult): DoseTrend[] {
  const compared = doseRows(result).filter(({ difference }) => difference);
  return [...groupBy(compared, ({ row }) => row)].flatMap(([row, own]): DoseTrend[] => {
    if (own.length < 2) return [];
    const [first, ...others] = own.toSorted((a, b) => a.dose - b.dose);
    const last = others[others.length - 1];
    const trend = independentDifference(first.difference!, last.difference!);
    const distinguishable = trend.low > 0 || trend.high < 0;
    const words = `from ${first.dose} to ${last.dose} the difference of ${row} from the base changes by ${points(trend.value)} [${points(trend.low)}, ${points(trend.high)}]: ${verdict(distinguishable, Math.min(first.seeds, last.seeds))}`;
    return [{ row, from: first.dose, to: last.dose, trend, distinguishable, words }];
  });
}

/** The JSON output of `moon-lab ablate --study dose-... --json`. */
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

/** One curve per row, for `doseResponse`. */
export function doseCurves(rows: readonly DoseRow[]): Curve[] {
  return [...groupBy(rows, ({ row }) => row)].map(([name, own]) => ({
    name,
    points: own.map(({ dose, value, n }) => ({ dose, ...value, n })),
  }));
}

/** A page with the dose-response curves, all differences, and the findings as text. */
export function dosePage(result: DoseResult): string {
  const rows = doseRows(result);
  const metric = rows[0]?.metric ?? 'MRR';
  const differences = rows.flatMap(({ dose, row, difference, n }) =>
    difference
      ? [{ name: `${row}, ${dose}`, difference: difference.value, low: difference.low, high: difference.high, n }]
      : [],
  );
  const { name, dial, prediction, log } = result.series;
  const chance = result.studies[0]?.result.tables[0]?.task.chance[metric];
  return reportPage(name, [
    {
      heading: 'Dose response',
      text: `Predicted: ${prediction}`,
      figure: doseResponse(doseCurves(rows), { title: name, dose: dial, metric, chance, log }),
    },
    { heading: 'Differences from the base at the same dose', figure: forestPlot(differences, { title: name, metric }) },
    { heading: 'In words', text: doseText(result).replaceAll('\n', '\n\n') },
  ]);
}
