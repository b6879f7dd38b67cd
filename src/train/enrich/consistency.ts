import type { Filled } from '../../checks/schema.js';
import type { ProductImage } from '../../data/types.js';
import { frozenTextOf } from '../../encoder/frozen-text.js';
import { dot } from '../../engine/dot.js';
import { type FrozenEncoder, openFrozenEncoder } from '../../pictures/frozen/frozen-encoder.js';
import { decodeImage } from '../../pictures/image.js';
import { textOption } from '../../text/text-option.js';
import type { ConsistencyOption } from './option.js';

/** Compares what was generated with what it was made from; cosines from -1 to 1. */
export interface Consistency {
  /** @throws ImageError for an image that cannot be read */
  ofViews(main: ProductImage, views: readonly ProductImage[]): Promise<number[]>;
  ofTitles(title: string, generated: string): number;
  minView: number;
  minTitle: number;
  dispose(): void;
}

/** Tokens of a text that the sentence encoder reads. */
const MOST = 128;

/**
 * Open the encoders of an option; undefined if everything is kept.
 * @throws UserError for an encoder that is missing
 */
export async function openConsistency(
  option: Filled<ConsistencyOption, 'pictureEncoder' | 'textEncoder'>,
): Promise<Consistency | undefined> {
  if (option.kind === 'none') return undefined;
  const reader =
    option.textEncoder === undefined
      ? undefined
      : frozenTextOf(textOption({ kind: 'frozen', model: option.textEncoder }));
  const pictures = option.pictureEncoder === undefined ? undefined : await openFrozenEncoder(option.pictureEncoder);
  return {
    ofViews: (main, views) => (pictures ? cosinesOfViews(pictures, main, views) : Promise.resolve(views.map(() => 1))),
    ofTitles(title, generated) {
      if (!reader) return 1;
      const [own, other] = [title, generated].map((text) => reader.read({ text, most: MOST }).sentence);
      return cosine(own, other);
    },
    minView: option.minView,
    minTitle: option.minTitle,
    dispose: () => pictures?.dispose(),
  };
}

async function cosinesOfViews(
  { side, grid, width, encode }: FrozenEncoder,
  main: ProductImage,
  views: readonly ProductImage[],
): Promise<number[]> {
  const all = [main, ...views];
  const pixels = new Float32Array(all.length * side * side * 3);
  for (const [at, { source }] of all.entries()) {
    const { data } = await decodeImage(source, { width: side, height: side, fit: 'stretch' });
    data.forEach((value, place) => {
      pixels[at * data.length + place] = value / 255;
    });
  }
  const features = await encode(pixels, all.length);
  const [first, ...others] = all.map((_, at) => meanOf(features, at, grid * grid, width));
  return others.map((mean) => cosine(first, mean));
}

/** The mean feature [width] of picture `at`. */
function meanOf(features: Float32Array, at: number, positions: number, width: number): Float32Array {
  const mean = new Float32Array(width);
  for (let place = 0; place < positions; place++)
    for (let column = 0; column < width; column++)
      mean[column] += features[(at * positions + place) * width + column] / positions;
  return mean;
}

function cosine(a: Float32Array, b: Float32Array): number {
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b) || 1);
}
