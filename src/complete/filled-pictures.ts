import { assert } from '../checks/error.js';
import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { SequenceImage } from '../pictures/shown-picture.js';

/** Features that stand for a picture that is missing: [tokens * width], for the whole image and for its crop alike. */
export type FilledFeatures = (image: string, size: number) => Float32Array;

/** Zeros. Other than no picture at all: its tokens are there, and empty. */
export const zeroFeatures: FilledFeatures = (_, size) => new Float32Array(size);

/** Random normal numbers of mean square 1, as features have. */
export const randomFeatures =
  (stream: RandomStream): FilledFeatures =>
  (image, size) => {
    const own = stream.child(image);
    return Float32Array.from({ length: size }, () => own.normal());
  };

/** The mean features of some pictures. @param pixels of a frozen encoder */
export function meanFeatures(pixels: Pixels, pictures: readonly SequenceImage[]): FilledFeatures {
  const sum = tf.tidy(() => tf.mean(featuresOf(pixels.inputOf(pictures)), 0).dataSync<'float32'>());
  return (_, size) => {
    assert(sum.length === size, 'pictures have features of one size');
    return sum;
  };
}

/** The same pixels, in which some images have other features. */
export function withFeatures(pixels: Pixels, images: ReadonlySet<string>, filled: FilledFeatures): Pixels {
  return {
    ...pixels,
    inputOf(pictures, options) {
      const input = pixels.inputOf(pictures, options);
      if (!pictures.some(({ image }) => images.has(image.id))) return input;
      const features = featuresOf(input);
      const values = features.dataSync<'float32'>().slice();
      const size = features.shape[1] * features.shape[2];
      for (const [at, { image }] of pictures.entries())
        if (images.has(image.id)) values.set(filled(image.id, size), at * size);
      features.dispose();
      return tf.tensor3d(values, features.shape);
    },
  };
}

function featuresOf(input: ReturnType<Pixels['inputOf']>): tf.Tensor3D {
  assert(!('images' in input) && input.shape.length === 3, 'pictures are features of a frozen encoder');
  return input as tf.Tensor3D;
}
