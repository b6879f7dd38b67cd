import { describe, expect, it } from 'vitest';
import { divideFrozen } from '../../src/weights/freeze.js';

describe('divideFrozen', () => {
  const names = ['visual.norm.weight', 'model.layers.0.q.weight', 'model.layers.0.q.bias', 'model.layers.10.q.weight'];

  it.each([
    [[], []],
    [['visual.*'], [0]],
    [['model.layers.0.*'], [1, 2]],
    [
      ['*.bias', 'visual.*'],
      [0, 2],
    ],
    [['model.layers.*.weight'], [1, 3]],
    [['model.layers.10.q.weight'], [3]],
    [['*'], [0, 1, 2, 3]],
  ])('freezes %j', (patterns: string[], frozen: number[]) => {
    const expected = frozen.map((i) => names[i]);
    expect(divideFrozen(names, patterns)).toEqual({
      frozen: expected,
      trainable: names.filter((name) => !expected.includes(name)),
    });
  });

  it('takes a dot for a dot, and refuses a pattern that names nothing', () => {
    expect(() => divideFrozen(names, ['visual.norm'])).toThrow(/freeze: got "visual\.norm", expected a pattern/);
    expect(() => divideFrozen(names, ['visual*', 'model.layers.1.*'])).toThrow(/got "model\.layers\.1\.\*"/);
  });
});
