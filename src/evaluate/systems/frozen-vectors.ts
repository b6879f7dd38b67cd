import type { Catalogue } from '../../data/types.js';
import { frozenTextOf } from '../../encoder/frozen-text.js';
import { preparePixels } from '../../encoder/prepare.js';
import * as tf from '../../engine/tf.js';
import { unit } from '../../losses/unit-rows.js';
import { DEFAULT_AUGMENT } from '../../pictures/augment-option.js';
import type { Pixels } from '../../pictures/picture-store.js';
import { type FrozenVisionOption, visionOption } from '../../pictures/vision-option.js';
import { inputText } from '../../tasks/kinds/rank-by-words.js';
import { type Input, imageOf } from '../../tasks/task.js';
import { textOption } from '../../text/text-option.js';
import type { SystemProgress } from './system.js';

/** Tokens of a text that a sentence encoder reads. */
const MOST = 128;

/** Pictures whose features are averaged at once. */
const PICTURES = 256;

/** Names of frozen encoders, of pictures and of texts. */
export interface FrozenParts {
  picture?: string;
  text?: string;
}

/** Vectors of inputs by frozen encoders: the mean feature of the picture, then the sentence vector, each of length 1 or all 0. */
export interface FrozenVectors {
  width: number;
  /** [inputs, width] */
  of(inputs: readonly Input[]): Float32Array;
  /** Image id -> reason, for pictures that could not be read. */
  missing: ReadonlyMap<string, string>;
}

/** Open frozen encoders for the inputs of a catalogue; features of pictures are cached with its data. */
export async function openFrozenVectors(
  { picture, text }: FrozenParts,
  catalogue: Catalogue,
  { onProgress, signal }: SystemProgress = {},
): Promise<FrozenVectors> {
  const vision = picture === undefined ? undefined : ({ kind: 'onnx', model: picture } as const);
  const words = text === undefined ? undefined : textOption({ kind: 'frozen', model: text });
  const reader = words && frozenTextOf(words);
  const config = { imageSize: 64, region: { kind: 'none' }, augment: DEFAULT_AUGMENT } as const;
  const pixels =
    vision &&
    (await preparePixels({ ...config, vision }, catalogue, {
      signal,
      onProgress: (done, total, label) => onProgress?.({ label, done, total }),
    }));
  const pictureWidth = vision ? visionOption<FrozenVisionOption>(vision).width : 0;
  const width = pictureWidth + (reader?.width ?? 0);
  return {
    width,
    missing: pixels?.missing ?? new Map(),
    of(inputs) {
      const vectors = new Float32Array(inputs.length * width);
      if (pixels) addPictures(vectors, width, inputs, pixels);
      if (reader)
        inputs.forEach((input, row) => {
          const said = titleOf(input);
          if (said) vectors.set(reader.read({ text: said, most: MOST }).sentence, row * width + pictureWidth);
        });
      return vectors;
    },
  };
}

function addPictures(vectors: Float32Array, width: number, inputs: readonly Input[], pixels: Pixels): void {
  const pictured = inputs.flatMap((input, row) => {
    const image = imageOf(input);
    return image && !pixels.missing.has(image.id) ? [{ row, image }] : [];
  });
  for (let start = 0; start < pictured.length; start += PICTURES) {
    const block = pictured.slice(start, start + PICTURES);
    const features = pixels.inputOf(block.map(({ image }) => ({ image }))) as tf.Tensor3D;
    const means = tf.tidy(() => unit(tf.mean(features, 1) as tf.Tensor2D));
    const values = means.dataSync();
    const each = means.shape[1];
    block.forEach(({ row }, at) => void vectors.set(values.subarray(at * each, (at + 1) * each), row * width));
    tf.dispose([features, means]);
  }
}

/** The title of a product where it is shown, otherwise all of its text; the text of a query. */
function titleOf(input: Input): string {
  if (input.kind === 'product' && input.product.title && !input.withhold?.includes('title')) return input.product.title;
  return inputText(input).trim();
}
