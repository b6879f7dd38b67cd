import { describe, expect, test } from 'vitest';
import { checkConfig } from '../../src/config/check-config.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { gateByPictures, initPromptGate } from '../../src/moon/prompt-gate/prompt-gate.js';
import { promptGateNames } from '../../src/moon/weight-names.js';
import { shortConfig } from '../train/run/short-run.js';

const width = 4;
const length = 5;
/** Large weights, so that the gate matters. */
const weights = initPromptGate(width, 0.7, randomStream(1, 'gate'));
const stream = randomStream(1, 'states');
const values = [0, 1].map(() => Array.from({ length }, () => Array.from({ length: width }, () => stream.normal())));
const isVisual = [
  [1, 1, 0, 0, 0],
  [0, 0, 0, 0, 0],
];
const isPrompt = [
  [0, 0, 1, 1, 0],
  [1, 1, 1, 0, 0],
];

const gated = (states: number[][][]) =>
  gateByPictures(weights, tf.tensor3d(states), {
    isVisual: tf.tensor2d(isVisual),
    isPrompt: tf.tensor2d(isPrompt),
  }).arraySync();

/** The equations, token by token. */
function slow(states: number[][], text: number): number[] {
  const map = ({ weight, bias }: { weight: string; bias: string }, x: number[]) => {
    const rows = weights[weight].arraySync() as number[][];
    const shift = weights[bias].arraySync() as number[];
    return rows.map((row, at) => row.reduce((sum, value, i) => sum + value * x[i], shift[at]));
  };
  const { query, key, value, forget, output } = promptGateNames;
  const own = states[text];
  const seen = states.slice(0, 2);
  const asked = map(query, own);
  const scores = seen.map((x) => Math.exp(map(key, x).reduce((sum, each, i) => sum + each * asked[i], 0) / 2));
  const total = scores.reduce((sum, each) => sum + each, 0);
  const found = own.map((_, at) => seen.reduce((sum, x, i) => sum + (scores[i] / total) * map(value, x)[at], 0));
  const gate = map(forget, [...own, ...found]).map((each) => 1 / (1 + Math.exp(-each)));
  const added = map(output, [...own, ...found.map((each, at) => gate[at] * each)]);
  return own.map((each, at) => each + added[at]);
}

describe('the gate of prompts', () => {
  test('lets their texts look at the picture, as the equations say; nothing else changes', () => {
    const after = gated(values);
    for (const text of [2, 3])
      slow(values[0], text).forEach((value, at) => {
        expect(after[0][text][at]).toBeCloseTo(value, 4);
      });
    const same = (sequence: number, token: number) =>
      after[sequence][token].forEach((value, at) => {
        expect(value).toBeCloseTo(values[sequence][token][at], 6);
      });
    // Visual tokens, tokens that are written, and a sequence without a picture.
    for (const token of [0, 1, 4]) same(0, token);
    for (const token of [0, 1, 2, 3, 4]) same(1, token);
  });

  test('is refused without pictures, and after a block that the network lacks', () => {
    const promptGate = { kind: 'attend' as const, after: 3 };
    expect(() => checkConfig({ ...shortConfig, promptGate })).toThrow(
      'promptGate.after: got 3, expected a block from 0 to 0.',
    );
    const blind = {
      ...shortConfig,
      vision: { kind: 'none' as const },
      region: { kind: 'none' as const },
      sampler: { ...shortConfig.sampler, mix: { image: 0, text: 1, product: 0 } },
    };
    expect(() => checkConfig({ ...blind, promptGate })).toThrow('promptGate.kind: got "attend"');
  });
});
