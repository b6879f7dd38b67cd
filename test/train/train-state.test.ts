import { expect, test } from 'vitest';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { openStreams, startState } from '../../src/train/train-state.js';
import { smallModel } from '../moon/small.js';

test('streams resume by their names, and a saved state may have more of them', () => {
  const state = startState({ config: grocery, model: smallModel() }, tf.tensor1d([1]));
  const old = { ...state, streams: { ...state.streams, jitter: randomStream(1, 'jitter').state() } };
  const [before, now] = [old, state].map((each) => openStreams(grocery, each));
  for (const name of ['draw', 'crop', 'labels'] as const) {
    const expected = randomStream(grocery.seed, name).uniform();
    expect([before[name].uniform(), now[name].uniform()]).toEqual([expected, expected]);
  }
  tf.dispose(state.tensors);
});
