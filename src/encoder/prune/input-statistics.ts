import { Matrix } from 'ml-matrix';
import type { RandomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';
import { likeness } from '../../weights/prune/layer-ratios.js';
import type { FilledPrune } from '../../weights/prune/option.js';
import { representativeTokens } from '../../weights/prune/token-choice.js';
import type { BlockReading, ReadTokens } from './read-blocks.js';

/** Sums over the calibration tokens that a linear layer read. */
export interface InputSums {
  /** Of the squares, by input [in]. */
  squares: Float64Array;
  /** X^T X [in, in], where it is needed. */
  products?: Matrix;
}

/** The sums of every linear layer of a block, over the tokens that the option chooses. */
export interface BlockInputs {
  add(reading: BlockReading): void;
  /** Undefined for an expert that no chosen token reached. */
  of(input: string): InputSums | undefined;
  /** Numbers of tokens: all, and those that were chosen. */
  tokens: number;
  seen: number;
}

export function openInputs(
  { tokens, score }: Pick<FilledPrune, 'tokens' | 'score'>,
  stream: RandomStream,
): BlockInputs {
  const sums = new Map<string, InputSums>();
  return {
    tokens: 0,
    seen: 0,
    add({ rows: sequences, tokens: read, inputs }) {
      const chosen = new Set<number>();
      for (const [at, rows] of sequences.entries()) {
        const places = tokens.kind === 'all' ? rows.keys() : chosenTokens(read[at], tokens, stream);
        for (const place of places) chosen.add(rows[place]);
        this.tokens += rows.length;
      }
      this.seen += chosen.size;
      for (const [name, { values, rows }] of inputs) {
        const places = [...rows.keys()].filter((at) => chosen.has(rows[at]));
        if (!places.length) continue;
        const columns = values.length / rows.length;
        const own = sums.get(name) ?? { squares: new Float64Array(columns) };
        sums.set(name, own);
        for (const place of places)
          for (let at = 0; at < columns; at++) own.squares[at] += values[place * columns + at] ** 2;
        if (score.kind === 'sparsegpt') own.products = add(own.products, productsOf(values, places, columns));
      }
    },
    of: (input) => sums.get(input),
  };
}

/** Places of a sequence's tokens. */
function chosenTokens(
  sequence: ReadTokens,
  option: Exclude<FilledPrune['tokens'], { kind: 'all' }>,
  stream: RandomStream,
): readonly number[] {
  const all = [...sequence.isImage.keys()];
  const chosen = representativeTokens(sequence, likeness(sequence.units, sequence.isImage), option);
  return option.kind === 'amia' ? chosen : stream.shuffle(all).slice(0, chosen.length);
}

function productsOf(values: Float32Array, places: readonly number[], columns: number): Matrix {
  const rows = new Float32Array(places.length * columns);
  for (const [at, place] of places.entries())
    rows.set(values.subarray(place * columns, (place + 1) * columns), at * columns);
  const found = tf.tidy(() => {
    const x = tf.tensor2d(rows, [places.length, columns]);
    return tf.matMul(x, x, true).dataSync<'float32'>();
  });
  return Matrix.from1DArray(columns, columns, Array.from(found));
}

const add = (sum: Matrix | undefined, more: Matrix) => (sum ? sum.add(more) : more);
