import type { Filled } from '../checks/schema.js';
import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { InstanceBatch } from './loss.js';
import { HIDDEN_WORD } from './network.js';
import type { InstanceOption } from './option.js';

/** A picture of one or more products with a text. */
export interface InstanceExample {
  id: string;
  text: string;
  /** Features of its regions, in any order. */
  regions: readonly Float32Array[];
  /** Ids of what it shows: pictures that share one are never each other's negatives. */
  products: readonly string[];
}

/** Sizes that all batches of a training share. */
export interface InstanceShape {
  tokens: number;
  regions: number;
  features: number;
}

/** The tensors of some examples, with words and regions hidden where these losses have a weight. The caller frees them. */
export function instanceBatch(
  examples: readonly InstanceExample[],
  tokenizer: Tokenizer,
  { words, regions, hidden }: Pick<Filled<InstanceOption>, 'words' | 'regions' | 'hidden'>,
  shape: InstanceShape,
  stream: RandomStream,
): InstanceBatch {
  const count = examples.length;
  const texts = textTensors(
    examples.map(({ text }) => text),
    tokenizer,
    shape.tokens,
  );
  const places: number[] = [];
  const targets: number[] = [];
  const noise = tokenizer.idOf(HIDDEN_WORD)!;
  const room = words ? count * numberHidden(shape.tokens, hidden) : 1;
  if (words)
    for (const [row, length] of texts.lengths.entries())
      for (const at of stream.shuffle([...Array(length).keys()]).slice(0, numberHidden(length, hidden))) {
        const place = row * shape.tokens + at;
        places.push(place);
        targets.push(texts.ids[place]);
        texts.ids[place] = noise;
      }
  const found = targets.length;
  const padded = (values: number[], by: number) =>
    tf.tensor1d([...values, ...Array<number>(room - values.length).fill(by)], 'int32');
  const gone = new Float32Array(count * shape.regions);
  if (regions)
    for (const [row, { regions: own }] of examples.entries())
      for (const at of own.keys()) if (stream.uniform() < hidden) gone[row * shape.regions + at] = 1;
  return {
    ids: tf.tensor2d(texts.ids, [count, shape.tokens], 'int32'),
    wordMask: tf.tensor2d(texts.mask, [count, shape.tokens]),
    places: padded(places, 0),
    targets: padded(targets, -1),
    factors: tf.fill([room], 1 / Math.max(1, found)),
    ...regionTensors(
      examples.map(({ regions: own }) => own),
      shape.regions,
      shape.features,
    ),
    hidden: tf.tensor2d(gone, [count, shape.regions]),
    same: tf.tensor2d(sharing(examples), [count, count]),
  };
}

/** Number of hidden words of a text: at least one. */
const numberHidden = (length: number, fraction: number) => Math.max(1, Math.round(fraction * length));

/** Token ids of texts, padded or cut to a length. An empty text is one word of padding that counts as real. */
export function textTensors(
  texts: readonly string[],
  tokenizer: Tokenizer,
  tokens: number,
): { ids: Int32Array; mask: Float32Array; lengths: number[] } {
  const ids = new Int32Array(texts.length * tokens);
  const mask = new Float32Array(ids.length);
  const lengths = texts.map((text, row) => {
    const own = tokenizer.encode(text).slice(0, tokens);
    ids.set(own, row * tokens);
    const length = Math.max(1, own.length);
    mask.fill(1, row * tokens, row * tokens + length);
    return length;
  });
  return { ids, mask, lengths };
}

/** Features [pictures, regions, features], padded with zeros, and which are real [pictures, regions]. */
export function regionTensors(
  pictures: readonly (readonly Float32Array[])[],
  regions: number,
  features: number,
): { features: tf.Tensor3D; regionMask: tf.Tensor2D } {
  const values = new Float32Array(pictures.length * regions * features);
  const mask = new Float32Array(pictures.length * regions);
  for (const [row, own] of pictures.entries())
    for (const [at, region] of own.entries()) {
      values.set(region, (row * regions + at) * features);
      mask[row * regions + at] = 1;
    }
  return {
    features: tf.tensor3d(values, [pictures.length, regions, features]),
    regionMask: tf.tensor2d(mask, [pictures.length, regions]),
  };
}

/** [examples, examples] 1 where two show a common product. */
function sharing(examples: readonly InstanceExample[]): Float32Array {
  const shown = examples.map(({ products }) => new Set(products));
  return Float32Array.from({ length: examples.length ** 2 }, (_, at) => {
    const [row, column] = [Math.floor(at / examples.length), at % examples.length];
    return Number(examples[row].products.some((product) => shown[column].has(product)));
  });
}
