import { expect, test } from 'vitest';
import { randomStream } from '../../src/engine/random.js';
import { buildBatch } from '../../src/moon/batch.js';
import { captionSequence, isWritten } from '../../src/moon/captions.js';
import { denoisingTargets, noised } from '../../src/moon/denoise.js';
import { batchOptions } from '../../src/moon/model.js';
import { exerciseSequence } from '../../src/moon/question.js';
import { products, reading, smallModel } from './small.js';

const model = smallModel();
const read = reading(model);
const NOISE = 299;
const originals = [
  captionSequence(products[0], read),
  captionSequence(products[1], read),
  exerciseSequence(products[0], 'attribute', 0, read),
];
const stream = randomStream(1, 'noise');
const draw = () => originals.map((sequence) => noised(sequence, NOISE, stream));

test('pictures and prompts stay, and each hidden token is the target of its row', () => {
  for (let round = 0; round < 20; round++) {
    const hidden = draw();
    const batch = buildBatch(
      hidden.map(({ sequence }) => sequence),
      batchOptions(model),
    );
    const { targets, factors } = denoisingTargets(originals, hidden, batch);
    const whole = buildBatch(originals, batchOptions(model));
    expect(batch.length).toBe(whole.length);
    for (const [row, token] of whole.tokens.entries()) {
      const given = batch.tokens[row] === token;
      if (!isWritten(whole.aspects[row])) expect(given).toBe(true);
      expect(targets[row]).toBe(given ? -1 : token);
      expect(factors[row] > 0).toBe(!given);
    }
  }
});

test('the factors are 1 / t by the number of all tokens of text: they sum to 1 on average', () => {
  const rounds = 3000;
  const batch = { length: buildBatch(originals, batchOptions(model)).length, sequences: originals.length };
  let [sum, squares] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    const { factors } = denoisingTargets(originals, draw(), batch);
    const own = factors.reduce((all, factor) => all + factor, 0);
    sum += own;
    squares += own * own;
  }
  const mean = sum / rounds;
  const error = Math.sqrt((squares / rounds - mean ** 2) / rounds);
  expect(Math.abs(mean - 1)).toBeLessThan(4 * error);
  expect(error).toBeLessThan(0.02);
});

test('as many tokens are hidden as t says, for every t', () => {
  const byTenth = Array.from({ length: 10 }, () => ({ hidden: 0, tokens: 0, expected: 0 }));
  for (let round = 0; round < 3000; round++) {
    const { sequence, t } = noised(originals[0], NOISE, stream);
    const ids = sequence.segments.flatMap(({ aspect, ids }) => (isWritten(aspect) ? ids : []));
    const own = byTenth[Math.floor(t * 10)];
    own.hidden += ids.filter((id) => id === NOISE).length;
    own.tokens += ids.length;
    own.expected += t * ids.length;
  }
  for (const { hidden, tokens, expected } of byTenth) {
    expect(tokens).toBeGreaterThan(1000);
    expect(Math.abs(hidden - expected) / Math.sqrt(tokens / 4)).toBeLessThan(4);
  }
});
