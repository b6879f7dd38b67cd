import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { edgeList } from '../../src/relations/edge.js';
import { initRelations, type RelationShape, relatedItems } from '../../src/relations/model.js';
import { drawNeighbours, neighboursOf } from '../../src/relations/neighbours.js';
import { relationOption } from '../../src/relations/option.js';
import { rankLinks } from '../../src/relations/rank-links.js';
import { relationLoss } from '../../src/relations/relation-loss.js';
import { unitRows } from '../losses/rows.js';

const WIDTH = 5;
const dot = (a: number[], b: number[]) => a.reduce((sum, value, at) => sum + value * b[at], 0);
const unit = (row: number[]) => row.map((value) => value / (Math.hypot(...row) || 1));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const rowsOf = (x: tf.Tensor) => (x as tf.Tensor2D).arraySync();

/** The equations of `RelationOption` written out for one item. */
function slowItem(
  shape: RelationShape,
  weights: Record<string, tf.Tensor>,
  own: number[],
  near: number[][],
  mask: number[],
): number[] {
  const matrix = (name: string) => rowsOf(weights[`complement.${name}`]);
  const map = (name: string, x: number[]) => matrix(name).map((row) => dot(row, x));
  const factors = near.map((other) => {
    if (shape.edges === 'equal') return 1;
    const given = [...own, ...other, ...own.map((value, at) => value * other[at])];
    const bias = [...weights['complement.edge.first.bias'].dataSync()];
    const hidden = map('edge.first.weight', given).map((value, at) => Math.max(0, value + bias[at]));
    return sigmoid(map('edge.second.weight', hidden)[0] + weights['complement.edge.second.bias'].dataSync()[0]);
  });
  if (shape.fusion === 'content') return unit(own);
  const real = factors.map((factor, at) => factor * mask[at]);
  const total = real.reduce((sum, each) => sum + each, 0);
  if (!mask.some(Boolean)) return shape.fusion === 'neighbours' ? own.map(() => 0) : unit(own);
  const mean = own.map((_, at) => near.reduce((sum, other, place) => sum + (real[place] / total) * other[at], 0));
  const message = map('message.weight', mean);
  if (shape.fusion === 'neighbours') return unit(message);
  if (shape.fusion === 'half') return unit(own.map((value, at) => (value + message[at]) / 2));
  const open = map('gate.weight', [...own, ...message]).map(sigmoid);
  return unit(own.map((value, at) => open[at] * value + (1 - open[at]) * message[at]));
}

const shapes: RelationShape[] = [
  { edges: 'learned', fusion: 'gate', hidden: 4 },
  { edges: 'equal', fusion: 'gate', hidden: 4 },
  { edges: 'learned', fusion: 'half', hidden: 3 },
  { edges: 'learned', fusion: 'neighbours', hidden: 2 },
  { edges: 'equal', fusion: 'content', hidden: 1 },
];

/** Weights that are nowhere the identity. */
function drawn(shape: RelationShape) {
  const stream = randomStream(1, 'weights');
  return Object.fromEntries(
    Object.entries(initRelations(WIDTH, shape, stream)).map(([name, weight]) => {
      const noise = Float32Array.from({ length: weight.size }, () => 0.5 * stream.normal());
      return [name, tf.add(weight, tf.tensor(noise, weight.shape))];
    }),
  );
}

const own = unitRows(3, 'own', WIDTH);
const near = [0, 1, 2].map((at) => unitRows(4, `near ${at}`, WIDTH));
const mask = [
  [1, 1, 0, 1],
  [0, 0, 0, 0],
  [0, 1, 0, 0],
];

describe.each(shapes)('items of %o', (shape) => {
  test('are the equations written out, each by its own neighbours', () => {
    const weights = drawn(shape);
    const [{ vectors }] = relatedItems(shape, weights, 'complement', {
      own: tf.tensor2d(own),
      near: tf.tensor3d(near),
      masks: [tf.tensor2d(mask)],
    });
    rowsOf(vectors).forEach((row, at) => {
      const expected = slowItem(shape, weights, own[at], near[at], mask[at]);
      row.forEach((value, place) => {
        expect(value).toBeCloseTo(expected[place], 5);
      });
    });
  });
});

test('the loss contrasts ends of edges, without partners that are known, and adds views and factors', async () => {
  const option = relationOption({ views: 0.5, sparsity: 0.25, hidden: 4, temperature: 0.2 });
  const weights = drawn(option);
  const content = unitRows(6, 'content', WIDTH);
  const [from, to] = [
    [0, 1, 0],
    [3, 4, 5],
  ];
  const places = [...from, ...to].map((item) => [(item + 1) % 6, (item + 2) % 6]);
  const masks = [
    [1, 1],
    [1, 0],
    [0, 1],
    [1, 1],
    [0, 0],
    [1, 1],
  ];
  const [one, other] = [
    [
      [1, 0],
      [1, 0],
      [0, 1],
    ],
    [
      [0, 1],
      [0, 0],
      [0, 1],
    ],
  ];
  const slow = (item: number, row: number, shown = masks[row]) =>
    slowItem(
      option,
      weights,
      content[item],
      places[row].map((place) => content[place]),
      shown,
    );
  const firsts = from.map((item, row) => slow(item, row));
  const seconds = to.map((item, row) => slow(item, 3 + row));
  const match = rowsOf(weights['complement.match.weight']);
  const score = (a: number[], b: number[]) =>
    dot(
      a,
      match.map((row) => dot(row, b)),
    ) / 0.2;
  const infoNce = (scores: (a: number, b: number) => number, apart: (a: number, b: number) => boolean) =>
    from.reduce((sum, _, a) => {
      const all = from.flatMap((_, b) => (a === b || apart(a, b) ? [Math.exp(scores(a, b))] : []));
      return sum - Math.log(Math.exp(scores(a, a)) / all.reduce((all, each) => all + each, 0)) / 3;
    }, 0);
  const known = [
    [1, 0, 1],
    [0, 1, 0],
    [1, 1, 1],
  ];
  const main = infoNce(
    (a, b) => score(firsts[a], seconds[b]),
    (a, b) => !known[a][b],
  );
  const [ones, others] = [one, other].map((shown) => from.map((item, row) => slow(item, row, shown[row])));
  const views = infoNce(
    (a, b) => dot(ones[a], others[b]) / 0.2,
    (a, b) => from[a] !== from[b],
  );
  const batch = {
    content: tf.tensor2d(content),
    from: tf.tensor1d(from, 'int32'),
    to: tf.tensor1d(to, 'int32'),
    known: tf.tensor2d(known),
    near: tf.tensor1d(places.flat(), 'int32'),
    mask: tf.tensor2d(masks),
    one: tf.tensor2d(one),
    other: tf.tensor2d(other),
  };
  const without = relationLoss({ ...option, sparsity: 0 }, weights, batch, 'complement').dataSync()[0];
  expect(without).toBeCloseTo(main + 0.5 * views, 4);
  const whole = relationLoss(option, weights, batch, 'complement').dataSync()[0];
  const factor = (whole - without) / 0.25;
  expect(factor).toBeGreaterThan(0);
  expect(factor).toBeLessThan(1);
  const { leaked } = await countLeaks(() => {
    tf.tidy(() => relationLoss(option, weights, batch, 'complement')).dispose();
  });
  expect(leaked).toBe(0);
});

describe('neighbours', () => {
  const edges = fc.array(fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 })), { maxLength: 30 });

  test('are both ends of all edges; those drawn are different places of the list, without the one left out', () => {
    fc.assert(
      fc.property(edges, fc.integer({ min: 1, max: 5 }), (pairs, size) => {
        const { first: found, second } = neighboursOf(8, 'substitute', edgeList(pairs));
        expect(second).toBe(found);
        const directed = neighboursOf(8, 'complement', edgeList(pairs));
        const of = Int32Array.from({ length: 8 }, (_, item) => item);
        const without = of.map((item) => (item + 1) % 8);
        const { items, mask } = drawNeighbours(found, of, size, randomStream(1, 'draw'), without);
        for (let item = 0; item < 8; item++) {
          const all = pairs.flatMap(([a, b]) => [...(a === item ? [b] : []), ...(b === item ? [a] : [])]);
          expect([...found.items.subarray(found.starts[item], found.starts[item + 1])].sort()).toEqual(all.sort());
          const drawn = [...items.subarray(item * size, (item + 1) * size)].filter((_, at) => mask[item * size + at]);
          const left = all.filter((other) => other !== without[item]);
          const of = ({ starts, items }: typeof found) => [...items.subarray(starts[item], starts[item + 1])].sort();
          expect(of(directed.first)).toEqual(pairs.flatMap(([a, b]) => (a === item ? [b] : [])).sort());
          expect(of(directed.second)).toEqual(pairs.flatMap(([a, b]) => (b === item ? [a] : [])).sort());
          for (const other of drawn) {
            const place = left.indexOf(other);
            expect(place).toBeGreaterThanOrEqual(0);
            left.splice(place, 1);
          }
          if (all.length <= size) expect(left).toEqual([]);
        }
      }),
    );
  });

  test('are drawn with equal chances', () => {
    const { first: found } = neighboursOf(
      9,
      'substitute',
      edgeList(Array.from({ length: 8 }, (_, at) => [8, at] as const)),
    );
    const stream = randomStream(2, 'draw');
    const counts = new Array<number>(8).fill(0);
    for (let round = 0; round < 4000; round++)
      for (const item of drawNeighbours(found, Int32Array.of(8), 3, stream).items) counts[item]++;
    for (const count of counts) expect(Math.abs(count - 1500) / Math.sqrt(4000 * (3 / 8) * (5 / 8))).toBeLessThan(4);
  });
});

test('links are ranked among what is offered, ties counted', () => {
  const scores = [0.1, 0.9, 0.5, 0.5, 0.9, 0.2];
  const score = () => Float32Array.from(scores);
  expect(rankLinks([[0, 2]], score)).toEqual([{ before: 2, tied: 1, relevant: 1, best: [] }]);
  expect(rankLinks([[1, 5]], score, (_, item) => item !== 4)).toEqual([{ before: 2, tied: 0, relevant: 1, best: [] }]);
});
