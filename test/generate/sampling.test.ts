import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/engine/random.js';
import { candidates, checkSampling, chooseToken } from '../../src/generate/sampling.js';

/** Each token's probability after the cuts, by their definitions. */
function slowProbabilities(scores: number[], temperature: number, topK: number, topP: number): number[] {
  const soft = (values: number[]) => {
    const powers = values.map((value) => Math.exp(value));
    const sum = powers.reduce((total, power) => total + power, 0);
    return powers.map((power) => power / sum);
  };
  const better = (id: number) =>
    scores.filter((score, other) => score > scores[id] || (score === scores[id] && other < id)).length;
  const kept = soft(scores.map((score, id) => (better(id) < topK ? score / temperature : Number.NEGATIVE_INFINITY)));
  const before = (id: number) =>
    kept.reduce((sum, fraction, other) => sum + (better(other) < better(id) ? fraction : 0), 0);
  const nucleus = kept.map((fraction, id) => (before(id) < topP ? fraction : 0));
  const sum = nucleus.reduce((total, fraction) => total + fraction, 0);
  return nucleus.map((fraction) => fraction / sum);
}

describe('chooseToken', () => {
  it('takes the highest score, and the smallest id among equals', () => {
    const scores = new Float32Array([0, 3, 1, 3]);
    expect(chooseToken(scores, { kind: 'greedy' }, randomStream(0, 'x'))).toBe(1);
  });

  it('keeps the tokens, with the probabilities, of temperature, then top-k, then top-p', () => {
    const score = fc.integer({ min: -8, max: 8 }).map((value) => value / 4);
    const options = fc.record({
      temperature: fc.constantFrom(0.25, 1, 2),
      topK: fc.integer({ min: 1, max: 12 }),
      topP: fc.constantFrom(0.03, 0.31, 0.62, 0.93, 1),
    });
    fc.assert(
      fc.property(fc.array(score, { minLength: 1, maxLength: 12 }), options, (scores, { temperature, topK, topP }) => {
        const { ids, probabilities } = candidates(new Float32Array(scores), {
          kind: 'sample',
          temperature,
          topK,
          topP,
        });
        const sum = probabilities.reduce((total, fraction) => total + fraction, 0);
        const slow = slowProbabilities(scores, temperature, topK, topP);
        const ours = scores.map((_, id) => (ids.includes(id) ? probabilities[ids.indexOf(id)] / sum : 0));
        for (const [id, fraction] of ours.entries()) expect(fraction).toBeCloseTo(slow[id], 9);
      }),
    );
  });

  it('draws as often as the probabilities say, and the same again from the same stream', () => {
    const scores = new Float32Array([1, 0, 2, -1]);
    const sampling = { kind: 'sample', temperature: 0.8, topK: 3 } as const;
    const draw = () => {
      const stream = randomStream(7, 'draw');
      return Array.from({ length: 20_000 }, () => chooseToken(scores, sampling, stream));
    };
    const drawn = draw();
    expect(draw()).toEqual(drawn);
    const slow = slowProbabilities([...scores], 0.8, 3, 1);
    for (const [id, fraction] of slow.entries()) {
      const got = drawn.filter((token) => token === id).length / drawn.length;
      expect(Math.abs(got - fraction)).toBeLessThan(0.015); // four standard deviations of 20,000 draws
    }
  });

  it('refuses scores that are no numbers', () => {
    const scores = new Float32Array([1, Number.NaN]);
    expect(() => chooseToken(scores, { kind: 'greedy' }, randomStream(0, 'x'))).toThrow(/NaN logits/);
  });
});

describe('checkSampling', () => {
  it('names the option, its value and what it may be', () => {
    expect(() => checkSampling({ kind: 'sample', temperature: 0 })).toThrow(
      "sampling.temperature: got 0, expected a number above 0. For the most likely token use kind 'greedy'.",
    );
    expect(() => checkSampling({ kind: 'sample', topK: 0.5 })).toThrow(/sampling\.topK: got 0\.5/);
    expect(() => checkSampling({ kind: 'sample', topP: 1.5 })).toThrow(/sampling\.topP: got 1\.5/);
    expect(() => checkSampling({ kind: 'beam' } as never)).toThrow('sampling.kind: got "beam", expected one of greedy');
  });
});
