import { expect, test } from 'vitest';
import { rowCurves } from '../../../src/ablate/report/row-curves.js';

const value = (at: number) => ({ value: at, low: at - 0.1, high: at + 0.1 });
const row = (name: string, at: number) => ({ name, value: value(at), n: 9 });

test('rows whose names end in numbers are curves over them', () => {
  const curves = rowCurves([
    row('base', 0.9),
    row('wanda-50', 0.8),
    row('wanda-70', 0.6),
    row('random-50', 0.4),
    row('minilm-l6', 0.3),
    row('owl-opposite-0.5', 0.2),
    row('owl-opposite-0.7', 0.1),
  ]);
  expect(curves).toEqual([
    {
      name: 'wanda',
      points: [
        { dose: 50, ...value(0.8), n: 9 },
        { dose: 70, ...value(0.6), n: 9 },
      ],
    },
    {
      name: 'owl-opposite',
      points: [
        { dose: 0.5, ...value(0.2), n: 9 },
        { dose: 0.7, ...value(0.1), n: 9 },
      ],
    },
  ]);
});
