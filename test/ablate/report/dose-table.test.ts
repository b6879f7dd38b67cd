import { expect, test } from 'vitest';
import { type DoseResult, doseCurves, doseRows, doseTrends } from '../../../src/ablate/report/dose-table.js';

/** A study at a dose with a base and one row, whose difference is known. */
function studyAt(dose: number, value: number, seeds: number[]): DoseResult['studies'][number] {
  const difference = { value, low: value - 0.03, high: value + 0.04 };
  const row = (name: string, own: number) => ({ name, metrics: { MRR: { value: own, low: 0, high: 1 } }, n: 9, seeds });
  const rows = [row('base', 0.5), row('without', 0.5 + value)];
  const table = { metric: 'MRR', rows, findings: [{ name: 'without', difference, words: 'said' }] };
  return { dose, result: { tables: [table] } } as unknown as DoseResult['studies'][number];
}

const series = { name: 'dose', dial: 'dial', prediction: 'more' };

test('a trend is the difference at the highest dose less that at the lowest, whatever their order, and the base has none', () => {
  const studies = [studyAt(1, -0.3, [1, 2]), studyAt(0, 0.1, [1, 2]), studyAt(0.5, 0.9, [1, 2])];
  const [trend, ...others] = doseTrends({ series, studies });
  expect(others).toEqual([]);
  expect(trend).toMatchObject({ row: 'without', from: 0, to: 1, distinguishable: true });
  expect(trend.trend.value).toBeCloseTo(-0.4, 12);
  // Three and four points below and above: five each way.
  expect(trend.trend.low).toBeCloseTo(-0.45, 12);
  expect(trend.trend.high).toBeCloseTo(-0.35, 12);
  expect(trend.words).toBe(
    'from 0 to 1 the difference of without from the base changes by -40.0 [-45.0, -35.0]: distinguishable',
  );
  expect(doseTrends({ series, studies: studies.slice(0, 1) })).toEqual([]);
});

test('a curve a row, a point a dose', () => {
  const rows = doseRows({ series, studies: [studyAt(0, 0.1, [1]), studyAt(1, 0.2, [1])] });
  expect(doseCurves(rows).map(({ name, points }) => [name, points.map(({ dose, value }) => [dose, value])])).toEqual([
    [
      'base',
      [
        [0, 0.5],
        [1, 0.5],
      ],
    ],
    [
      'without',
      [
        [0, 0.6],
        [1, 0.7],
      ],
    ],
  ]);
});
