import { afterAll, describe, expect, it } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { batchOptions, embedBatch, initMoon } from '../../src/moon/model.js';
import { productSequence } from '../../src/moon/sequence.js';
import { type AttentionReader, attentionBox, titleAttention } from '../../src/regions/attention.js';
import { detectorOf } from '../../src/regions/detector.js';
import { batchOf, picture, products, reading, smallModel } from '../moon/small.js';

const model = smallModel();
const weights = initMoon(model, randomStream(1, 'attention'));
afterAll(() => tf.dispose(weights));
const { imageGrid: cells } = batchOptions(model);

/** What a reader of a checkpoint does: one sequence without a crop through the frozen model. */
function read(title: string) {
  const product = { ...products[0], title, category: [], attributes: {} };
  const { batch, tensors } = batchOf(model, [productSequence(product, { ...reading(model), region: undefined })]);
  const values = tf.tidy(() => {
    const { attention } = embedBatch(model, weights, batch, tensors, { want: { attention: 'last' } });
    return attention!.dataSync<'float32'>();
  });
  tf.dispose(tensors);
  return { attention: values, aspects: batch.aspects, grid: cells };
}

/** Six tokens [start][2 x 2 cells of an image][end] and two of the title; the title looks at one cell, all others at another. */
function pointed(titleAt: number, othersAt: number, title: boolean) {
  const aspects = [...Array(6).fill('image'), ...(title ? ['title', 'title'] : []), null];
  const length = aspects.length;
  const attention = new Float32Array(2 * length * length);
  for (let head = 0; head < 2; head++)
    aspects.forEach((aspect, row) => {
      attention[(head * length + row) * length + 1 + (aspect === 'title' ? titleAt : othersAt)] = 0.9;
    });
  return { attention, aspects, grid: { rows: 2, columns: 2 } };
}

describe('titleAttention', () => {
  it('is what looping over heads and tokens of a real batch gives', () => {
    const { attention, aspects } = read('Golden Delicious');
    const length = aspects.length;
    const imageRows = aspects.flatMap((aspect, row) => (aspect === 'image' ? [row] : []));
    const titleRows = aspects.flatMap((aspect, row) => (aspect === 'title' ? [row] : []));
    const slow = (cell: number) => {
      const shares = [0, 1, 2].flatMap((head) =>
        titleRows.map((row) => attention[head * length * length + row * length + imageRows[cell + 1]]),
      );
      return shares.reduce((sum, fraction) => sum + fraction, 0) / shares.length;
    };
    const ours = titleAttention({ attention, aspects, grid: cells });
    expect(ours).toHaveLength(cells.rows);
    ours.flat().forEach((fraction, cell) => {
      expect(fraction).toBeCloseTo(slow(cell), 7);
    });
    expect(ours.flat().reduce((sum, fraction) => sum + fraction, 0)).toBeLessThan(1);
  });

  it('looks through the title alone, and through every token where there is none', () => {
    expect(titleAttention(pointed(3, 0, true))[1][1]).toBeCloseTo(0.9, 6);
    expect(titleAttention(pointed(3, 0, true))[0][0]).toBe(0);
    expect(titleAttention(pointed(3, 0, false))[0][0]).toBeCloseTo(0.9, 6);
  });

  it('puts the box around the cells that are looked at', () => {
    expect(attentionBox(pointed(3, 0, true))).toEqual({ box: { x1: 0.5, y1: 0.5, x2: 1, y2: 1 }, score: 1 });
    expect(attentionBox(pointed(2, 0, true))).toMatchObject({ box: { x1: 0, y1: 0.5, x2: 0.5, y2: 1 } });
  });
});

it('a detector reads a named checkpoint with the title that it is given, and closes it', async () => {
  const asked: unknown[] = [];
  let closed = 0;
  const openAttention = async (checkpoint: string): Promise<AttentionReader> => ({
    read: async (image, title) => {
      asked.push([checkpoint, image.id, title]);
      return title ? read(title) : pointed(3, 1, false);
    },
    weights: 'abc',
    dispose: () => closed++,
  });
  const { leaked } = await countLeaks(async () => {
    const detector = (await detectorOf({ kind: 'attention', checkpoint: 'run 3' }, { openAttention }))!;
    expect(await detector.detect(picture('a'), 'Golden Delicious')).toMatchObject([{ source: 'attention' }]);
    expect(await detector.detect(picture('b'))).toMatchObject([{ box: { x1: 0.5, y1: 0, x2: 1, y2: 0.5 } }]);
    expect(detector.identity).toMatch(/^attention-/);
    detector.dispose();
  });
  expect(asked).toEqual([
    ['run 3', 'a', 'Golden Delicious'],
    ['run 3', 'b', undefined],
  ]);
  expect([closed, leaked]).toEqual([1, 0]);
});
