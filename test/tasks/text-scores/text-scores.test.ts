import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { corpusBleu, sentenceBleu, type TextPair } from '../../../src/tasks/text-scores/bleu.js';
import { jaccard, type Overlap, rougeL, rougeN } from '../../../src/tasks/text-scores/rouge.js';
import { tfidfCosine } from '../../../src/tasks/text-scores/tfidf.js';
import { tokenMatch } from '../../../src/tasks/text-scores/token-match.js';

interface Expected {
  pairs: (TextPair & {
    bleu: number;
    rouge: Record<'rouge1' | 'rouge2' | 'rougeL', [number, number, number]>;
    tfidfOfTwo: number;
    tfidfOfAll: number;
  })[];
  corpusBleu: number;
}
/** What sacrebleu, rouge-score and scikit-learn say (make-text-scores.py). */
const { pairs, corpusBleu: whole }: Expected = JSON.parse(
  readFileSync('test/fixtures/text-scores/expected.json', 'utf8'),
);
const valuesOf = ({ precision, recall, f1 }: Overlap) => [precision, recall, f1];

describe.each(pairs)('"$written" for "$reference"', (pair) => {
  test('has the scores of the reference implementations', () => {
    expect(sentenceBleu(pair)).toBeCloseTo(pair.bleu, 9);
    for (const [found, right] of [
      [rougeN(pair, 1), pair.rouge.rouge1],
      [rougeN(pair, 2), pair.rouge.rouge2],
      [rougeL(pair), pair.rouge.rougeL],
    ] as const)
      valuesOf(found).forEach((value, at) => {
        expect(value).toBeCloseTo(right[at], 9);
      });
    expect(tfidfCosine([pair.written, pair.reference])(pair)).toBeCloseTo(pair.tfidfOfTwo, 9);
    expect(tfidfCosine(pairs.flatMap(({ written, reference }) => [written, reference]))(pair)).toBeCloseTo(
      pair.tfidfOfAll,
      9,
    );
  });
});

test('BLEU of all texts together is that of sacrebleu, and no mean', () => {
  expect(corpusBleu(pairs)).toBeCloseTo(whole, 9);
  expect(corpusBleu([])).toBe(0);
});

test('Jaccard counts each word once', () => {
  expect(jaccard({ written: 'red red cup', reference: 'Red bowl' })).toBeCloseTo(1 / 3, 9);
  expect(jaccard({ written: '', reference: 'cup' })).toBe(0);
});

describe('matched tokens', () => {
  const states = (...rows: number[][]) => rows;

  test('are the nearest by cosine, whatever their length', () => {
    const [east, north, between] = [
      [2, 0],
      [0, 3],
      [1, 1],
    ];
    const { precision, recall, f1 } = tokenMatch(states(east, between), states(north, east, east));
    expect(precision).toBeCloseTo((1 + Math.SQRT1_2) / 2, 9);
    expect(recall).toBeCloseTo((Math.SQRT1_2 + 1 + 1) / 3, 9);
    expect(f1).toBeCloseTo((2 * precision * recall) / (precision + recall), 9);
    expect(valuesOf(tokenMatch([east, north], [east, north]))).toEqual([1, 1, 1]);
  });

  test('of an empty text are none, and widths must be equal', () => {
    expect(valuesOf(tokenMatch([], [[1, 0]]))).toEqual([0, 0, 0]);
    expect(() => tokenMatch([[1, 0]], [[1, 0, 0]])).toThrow('states: got 3, expected 2 numbers');
  });
});
