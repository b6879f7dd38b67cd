import { expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { tokenDistance } from '../../src/losses/token-distance.js';
import { wordPresence } from '../../src/losses/word-presence.js';
import { mean, numberOf, unitRows } from './rows.js';

const logits = unitRows(3, 'words', 4).map((row) => row.map((value) => 3 * value));
const present = [
  [1, 0, 0, 1],
  [0, 0, 0, 0],
  [1, 1, 1, 1],
];
const counted = [1, 1, 0, 1];

test('the presence of words is one cross-entropy a counted word', () => {
  const slow = mean(
    logits.flatMap((row, text) =>
      row.flatMap((logit, word) => {
        if (!counted[word]) return [];
        const p = 1 / (1 + Math.exp(-logit));
        return -Math.log(present[text][word] ? p : 1 - p);
      }),
    ),
  );
  const loss = (of: number[]) => numberOf(wordPresence(tf.tensor2d(logits), tf.tensor2d(present), tf.tensor1d(of)));
  expect(loss(counted)).toBeCloseTo(slow, 5);
  expect(loss([0, 0, 0, 0])).toBe(0);
});

const texts = [unitRows(3, 'first text'), unitRows(3, 'second text')];
const pictures = [unitRows(4, 'first picture'), unitRows(4, 'second picture')];
const isText = [
  [1, 1, 0],
  [1, 1, 1],
];
const isPicture = [
  [1, 0, 1, 1],
  [1, 1, 1, 1],
];

/** The definition, set by set. */
function slowDistance(first: number[][], second: number[][]): number {
  const unit = (row: number[]) => row.map((value) => value / Math.hypot(...row));
  const square = (a: number[], b: number[]) => unit(a).reduce((sum, value, at) => sum + (value - unit(b)[at]) ** 2, 0);
  const side = (from: number[][], to: number[][]) =>
    Math.max(...from.map((a) => Math.min(...to.map((b) => square(a, b)))));
  return Math.max(side(first, second), side(second, first));
}

test('the distance of two sets of tokens is that of Hausdorff on the sphere, squared, whatever their lengths are', () => {
  const loss = (scale: number, marks = isText) =>
    numberOf(
      tokenDistance(
        tf.tensor3d(texts.map((rows) => rows.map((row) => row.map((value) => scale * value)))),
        tf.tensor3d(pictures),
        { isFirst: tf.tensor2d(marks), isSecond: tf.tensor2d(isPicture) },
      ),
    );
  const kept = (rows: number[][], marks: number[]) => rows.filter((_, at) => marks[at]);
  const slow = texts.map((rows, at) => slowDistance(kept(rows, isText[at]), kept(pictures[at], isPicture[at])));
  expect(loss(1)).toBeCloseTo(mean(slow), 5);
  expect(loss(7)).toBeCloseTo(mean(slow), 5);
  // An example without one side has no distance.
  expect(loss(1, [[0, 0, 0], isText[1]])).toBeCloseTo(slow[1] / 2, 5);
});

test('both have gradients of the slow versions, and leave no tensor', async () => {
  const marks = { isFirst: tf.tensor2d(isText), isSecond: tf.tensor2d(isPicture) };
  const shown = tf.tensor3d(pictures);
  const given = tf.tensor3d(texts);
  const gradient = tf
    .grad((x) => tokenDistance(x as tf.Tensor3D, shown, marks))(given)
    .arraySync() as number[][][];
  const kept = (rows: number[][], own: number[]) => rows.filter((_, at) => own[at]);
  const slow = (rows: number[][]) =>
    slowDistance(kept(rows, isText[0]), kept(pictures[0], isPicture[0])) / texts.length;
  for (const at of [0, 1, 2])
    for (const entry of [0, 3]) {
      const moved = (by: number) =>
        slow(texts[0].map((row, place) => row.map((value, i) => (place === at && i === entry ? value + by : value))));
      expect(gradient[0][at][entry]).toBeCloseTo((moved(1e-6) - moved(-1e-6)) / 2e-6, 3);
    }
  const { leaked } = await countLeaks(async () => {
    tokenDistance(given, shown, marks).dispose();
  });
  expect(leaked).toBe(0);
  tf.dispose([marks, shown, given]);
});
