import { expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { emptyQueue, pushQueue } from '../../src/negatives/queue.js';

test('first in, first out, oldest first', () => {
  let queue = emptyQueue(4, 2);
  const slow: [number, number[]][] = Array.from({ length: 4 }, () => [-1, [0, 0]]);
  let next = 0;
  for (const count of [1, 3, 2, 6, 4]) {
    const entering = Array.from({ length: count }, (): [number, number[]] => [next, [next++, next / 2]]);
    queue = pushQueue(
      queue,
      tf.tensor2d(entering.map(([, row]) => row)),
      tf.tensor1d(
        entering.map(([id]) => id),
        'int32',
      ),
    );
    slow.push(...entering);
    const kept = slow.slice(-4);
    expect(queue.products.arraySync()).toEqual(kept.map(([id]) => id));
    expect(queue.embeddings.arraySync()).toEqual(kept.map(([, row]) => row));
  }
});

test('a push frees what it replaces', async () => {
  let queue = emptyQueue(8, 3);
  const [rows, ids] = [tf.ones([2, 3]) as tf.Tensor2D, tf.tensor1d([1, 2], 'int32')];
  const { leaked } = await countLeaks(() => {
    for (let at = 0; at < 20; at++) queue = pushQueue(queue, rows, ids);
  });
  expect(leaked).toBe(0);
});
