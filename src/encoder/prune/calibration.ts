import { UserError } from '../../checks/error.js';
import { collectTrainingSet } from '../../data/training-set.js';
import type { Catalogue, Pair } from '../../data/types.js';
import { randomStream } from '../../engine/random.js';
import { productSequence, querySequence, type Sequence } from '../../moon/sequence.js';
import type { Pixels } from '../../pictures/picture-store.js';
import { type Encoder, sequenceOptions } from '../encoder.js';

/** Queries of training and the products that they bought, place by place. */
export interface Calibration {
  queries: Sequence[];
  items: Sequence[];
}

export interface CalibrationOptions {
  /** Number of pairs. */
  count: number;
  seed: number;
}

/** The catalogue of the pairs that calibration draws and their products alone, so that only their pictures need be read. @throws UserError as `calibrationPairs` */
export function calibrationCatalogue(catalogue: Catalogue, options: CalibrationOptions): Catalogue {
  const pairs = drawPairs(catalogue, options);
  const shown = new Set(pairs.map(({ product }) => product));
  return { ...catalogue, pairs, products: catalogue.products.filter(({ id }) => shown.has(id)) };
}

/**
 * Draw training pairs of different products; queries of all forms take turns.
 * @throws UserError for a catalogue with fewer than two products in training
 */
export function calibrationPairs(
  encoder: Encoder,
  catalogue: Catalogue,
  pixels: Pixels,
  options: CalibrationOptions,
): Calibration {
  const chosen = drawPairs(catalogue, options);
  const { byId } = collectTrainingSet(catalogue);
  const read = sequenceOptions(encoder, pixels);
  return {
    queries: chosen.map(({ query }) => querySequence(query, read)),
    items: chosen.map(({ product }) => productSequence(byId.get(product)!.product, read)),
  };
}

function drawPairs(catalogue: Catalogue, { count, seed }: CalibrationOptions): Pair[] {
  if (!(Number.isInteger(count) && count >= 2))
    throw new UserError(`calibration: got ${count} pairs, expected an integer of at least 2.`);
  const { byId } = collectTrainingSet(catalogue);
  const stream = randomStream(seed, 'calibration');
  const pairs = stream.shuffle(catalogue.pairs.filter(({ split, product }) => split === 'train' && byId.has(product)));
  const used = new Set<string>();
  return pairs.filter(({ product }) => !used.has(product) && used.add(product)).slice(0, count);
}
