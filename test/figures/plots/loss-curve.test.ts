import { describe, expect, it } from 'vitest';
import type { ScatterTrace } from '../../../src/figures/figure.js';
import { describeFigure } from '../../../src/figures/page/describe-figure.js';
import { lossCurve } from '../../../src/figures/plots/loss-curve.js';

const lines = (traces: unknown[]) => traces as ScatterTrace[];

describe('lossCurve', () => {
  it('draws a value that is not finite as a gap and says so', () => {
    const figure = lossCurve([{ name: 'run', steps: [0, 1, 2], values: [3, Number.NaN, 1] }]);
    expect(lines(figure.data)[0].y).toEqual([3, null, 1]);
    expect(describeFigure(figure)).toBe('Training loss - n = 3 measured steps, non-finite values: 1');
  });

  it('draws seeds of one name as their mean inside their band', () => {
    const steps = [0, 1, 2];
    const seeds = [
      [1, 2, 3],
      [3, 2, 1],
      [2, 8, 2],
    ];
    const figure = lossCurve(seeds.map((values) => ({ name: 'guided', steps, values })));
    const [band, mean] = lines(figure.data);
    expect(mean.y).toEqual([2, 4, 2]);
    expect(band.y).toEqual([3, 8, 3, 1, 2, 1]); // the top forwards, the bottom backwards
    expect(band.x).toEqual([0, 1, 2, 2, 1, 0]);
  });

  it('draws the running mean over the curve as measured', () => {
    const figure = lossCurve([{ name: 'run', steps: [0, 1, 2, 3], values: [4, 2, Number.NaN, 6] }], { window: 2 });
    const [measured, smooth] = lines(figure.data);
    expect(measured.y).toEqual([4, 2, null, 6]);
    expect(smooth.y).toEqual([4, 3, null, 6]);
  });

  it('is empty, not broken, before the first step', () => {
    expect(describeFigure(lossCurve([]))).toBe('Training loss - n = 0 measured steps');
    expect(lines(lossCurve([{ name: 'run', steps: [], values: [] }]).data)[0].x).toEqual([]);
  });
});
