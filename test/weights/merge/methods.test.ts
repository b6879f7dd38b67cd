import { describe, expect, it } from 'vitest';
import { fillIn } from '../../../src/checks/fill-in.js';
import { dropped } from '../../../src/weights/merge/dare.js';
import { disturbance } from '../../../src/weights/merge/disturbance.js';
import { mergeTensor } from '../../../src/weights/merge/merge.js';
import { type FilledMerge, type MergeOption, mergeSchema } from '../../../src/weights/merge/option.js';
import { Matrix, squares } from '../../../src/weights/merge/spectral.js';

const option = (given: MergeOption) => fillIn(mergeSchema, given) as FilledMerge;

/** Merge task vectors of the base 0. */
function merged(deltas: number[][], given: MergeOption, shape = [2, 2]): number[] {
  const models = deltas.map((delta) => Float32Array.from(delta));
  const base = new Float32Array(models[0].length);
  return [...mergeTensor('a', { shape, base, models }, option(given))];
}

function expectNear(found: readonly number[], expected: readonly number[], digits = 5): void {
  expect(found).toHaveLength(expected.length);
  for (const [at, value] of expected.entries()) expect(found[at]).toBeCloseTo(value, digits);
}

// Expected numbers: computed by hand or with numpy from the papers' formulas.
const A = [1, 2, 0, 1];
const B = [2, 0, 1, 1];

describe('linear, slerp and task arithmetic', () => {
  it('weigh the models', () => {
    expect(merged([A, B], { kind: 'linear' })).toEqual([1.5, 1, 0.5, 1]);
    expect(merged([A, B], { kind: 'linear', weights: [3, 1], normalize: false })).toEqual([5, 6, 1, 4]);
    expect(merged([A, B], { kind: 'task-arithmetic' })).toEqual([3, 2, 1, 2]);
    expect(merged([A, B], { kind: 'task-arithmetic', lambda: 0.5, weights: [1, 2] })).toEqual([2.5, 1, 1, 1.5]);
    expect(merged([A, B], { kind: 'task-arithmetic', normalize: true, weights: [1, 3] })).toEqual([1.75, 0.5, 0.75, 1]);
  });

  it('go along the arc, and along the line where it is flat', () => {
    const along = (base: number[], model: number[], t: number) => [
      ...mergeTensor(
        'a',
        { shape: [2], base: Float32Array.from(base), models: [Float32Array.from(model)] },
        option({ kind: 'slerp', t }),
      ),
    ];
    expectNear(along([1, 0], [0, 1], 0.5), [Math.SQRT1_2, Math.SQRT1_2]);
    expectNear(along([1, 0], [0, 2], 1 / 3), [Math.sqrt(3) / 2, 1]);
    expectNear(along([1, 0], [3, 0], 0.25), [1.5, 0]);
  });
});

describe('TIES', () => {
  const three = [
    [3, -2, 1, 0],
    [-4, -1, 0, 2],
    [2, 1, -5, 0.5],
  ];

  it('keeps, elects and averages as mergekit and PEFT do', () => {
    expect(merged(three, { kind: 'ties', density: 0.5 })).toEqual([2.5, -2, -5, 2]);
    expect(merged(three, { kind: 'ties', density: 0.75 })).toEqual([2.5, -1.5, -5, 2]);
    expect(merged(three, { kind: 'ties', density: 0.5, weights: [1, 2, 1] })).toEqual([-4, -2, -5, 2]);
    expect(merged(three, { kind: 'ties', density: 0.5, weights: [1, 2, 1], signs: 'plain', divide: 'count' })).toEqual([
      2.5, -2, -5, 4,
    ]);
  });

  it('settles a sum of zero as positive, or as most entries of the tensor', () => {
    const two = [
      [1, -2],
      [-1, -2],
    ];
    expect(merged(two, { kind: 'ties', density: 1 }, [2])).toEqual([1, -2]);
    expect(merged(two, { kind: 'ties', density: 1, tie: 'majority' }, [2])).toEqual([-1, -2]);
  });

  it('keeps what a sort by magnitude keeps', () => {
    const values = Float32Array.from({ length: 999 }, (_, at) => Math.sin(at * at) * 10 ** ((at % 9) - 6));
    const order = [...values.keys()].sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]) || a - b);
    const kept = new Set(order.slice(0, 333));
    expect(merged([[...values]], { kind: 'ties', density: 1 / 3 }, [999])).toEqual(
      [...values].map((value, at) => (kept.has(at) ? value : 0)),
    );
  });
});

describe('DARE', () => {
  it('enlarges what the mask keeps', () => {
    const delta = Float32Array.of(1, 2, 3, 4);
    const mask = Uint8Array.of(1, 0, 1, 0);
    expect([...dropped(delta, mask, { density: 0.5, rescale: 'density' })]).toEqual([2, 0, 6, 0]);
    expect([...dropped(delta, mask, { density: 0.5, rescale: 'magnitudes' })]).toEqual([2.5, 0, 7.5, 0]);
    expect([...dropped(delta, mask, { density: 0.5, rescale: 'none' })]).toEqual([1, 0, 3, 0]);
  });

  it('keeps the task vector on average, and repeats itself', () => {
    const delta = Array.from({ length: 20_000 }, () => 1);
    const dare = (seed: number) => merged([delta], { kind: 'dare', density: 0.2, seed }, [20_000]);
    const mean = dare(1).reduce((sum, value) => sum + value, 0) / 20_000;
    expect(Math.abs(mean - 1)).toBeLessThan(4 * Math.sqrt(0.8 / 0.2 / 20_000));
    expect(dare(1)).toEqual(dare(1));
    expect(dare(1)).not.toEqual(dare(2));
  });
});

describe('methods of matrices', () => {
  it('Iso-C and TSV', () => {
    expectNear(merged([A, B], { kind: 'iso' }), [2.5, 0.5, -0.5, 2.5]);
    expectNear(merged([A, B], { kind: 'tsv' }), [0.885306, 2.233552, 2.110954, -0.914247]);
  });

  it('WUDI', () => {
    expectNear(
      merged(
        [
          [1, 0, 0, 0],
          [0, 0, 0, 2],
        ],
        { kind: 'wudi' },
      ),
      [1, 0, 0, 2],
    );
    expectNear(
      merged(
        [
          [1, 0, 0, 0],
          [3, 0, 0, 0],
        ],
        { kind: 'wudi' },
      ),
      [2, 0, 0, 0],
    );
    expectNear(merged([A, B], { kind: 'wudi' }), [16 / 9, 13 / 9, 1, 2 / 3]);
    expectNear(
      merged(
        [
          [3, 0, 0, 1],
          [0, 0, 0, 2],
        ],
        { kind: 'wudi' },
      ),
      [3, 0, 0, 21 / 11],
    );
  });

  it('what WUDI minimises', () => {
    const models = [A, B].map((values) => {
      const matrix = Matrix.from1DArray(2, 2, values);
      return { target: matrix, directions: matrix, size: squares(matrix) };
    });
    const at = (values: number[]) => disturbance(Matrix.from1DArray(2, 2, values), models);
    expect(at([3, 2, 1, 2])).toBeCloseTo(14 / 3, 6);
    expect(at([1.5, 1, 0.5, 1])).toBeCloseTo(1, 6);
    expect(at(merged([A, B], { kind: 'wudi' }))).toBeCloseTo(11 / 27, 6);
  });

  it('SWUDI and ASWUDI', () => {
    const swudi = (start: 'sum' | 'mean') => merged([A, B], { kind: 'swudi', start, saturation: 1, ratio: 1 });
    expectNear(swudi('sum'), [2.178293, 1.440605, 0.7444, 1.219774]);
    expectNear(swudi('mean'), [1.747747, 1.313325, 0.728685, 0.900794]);
    expectNear(merged([A, B], { kind: 'aswudi' }), [19 / 9, 10 / 9, 1 / 3, 4 / 3]);
  });

  it('OptMerge', () => {
    const diagonals = [
      [3, 0, 0, 1],
      [0, 0, 0, 2],
    ];
    expectNear(merged(diagonals, { kind: 'optmerge', tuned: 'lora', rank: 1 }), [3, 0, 0, 2]);
    expectNear(merged(diagonals, { kind: 'optmerge', tuned: 'full', rank: 1 }), [3, 0, 0, 1.5]);
  });

  it('reaches by descent what the normal equations give', () => {
    const solve = { kind: 'descent', steps: 3000, rate: 0.01 } as const;
    expectNear(merged([A, B], { kind: 'wudi', solve }), [16 / 9, 13 / 9, 1, 2 / 3], 4);
    const sgd = { kind: 'descent', steps: 500, rate: 0.05, optimizer: 'sgd' } as const;
    expectNear(merged([A, B], { kind: 'wudi', solve: sgd }), [16 / 9, 13 / 9, 1, 2 / 3], 4);
  });

  it('takes the matrices of experts one by one', () => {
    const both = merged(
      [
        [...A, ...B],
        [...B, ...A],
      ],
      { kind: 'wudi' },
      [2, 2, 2],
    );
    expectNear(both, [16 / 9, 13 / 9, 1, 2 / 3, 16 / 9, 13 / 9, 1, 2 / 3]);
  });

  it('refuses what is no matrix', () => {
    expect(() => merged([A, B], { kind: 'iso' }, [4])).toThrow('merge: iso merges matrices, and a has the shape [4].');
  });
});

describe('properties', () => {
  const kinds = [
    'task-arithmetic',
    'ties',
    'dare',
    'iso',
    'tsv',
    'wudi',
    'swudi',
    'aswudi',
    'optmerge',
    'random',
  ] as const;

  it.each(kinds)('%s with lambda 0 is the base', (kind) => {
    const base = Float32Array.of(1, 2, 3, 4);
    const models = [A, B].map((values) => Float32Array.from(values));
    expect([...mergeTensor('a', { shape: [2, 2], base, models }, option({ kind, lambda: 0 }))]).toEqual([1, 2, 3, 4]);
  });

  it.each(['linear', 'task-arithmetic', 'wudi', 'tsv'] as const)('%s merges one model to itself', (kind) => {
    expectNear(merged([A], { kind }), A, 5);
  });

  it('a random direction is as long as the sum, and another for each seed', () => {
    const random = (seed: number) => merged([A, B], { kind: 'random', seed });
    expect(Math.hypot(...random(1))).toBeCloseTo(Math.hypot(3, 2, 1, 2), 5);
    expect(random(1)).toEqual(random(1));
    expect(random(1)).not.toEqual(random(2));
  });

  it('a model that did not change a matrix changes nothing in WUDI', () => {
    expectNear(merged([A, [0, 0, 0, 0]], { kind: 'wudi' }), A, 5);
  });
});
