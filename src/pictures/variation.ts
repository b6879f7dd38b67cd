import { fullImage } from '../data/region.js';
import type { Box } from '../data/types.js';
import type { RandomStream } from '../engine/random.js';
import { type Augmentation, drawAugmentation, jitterBox } from './augment.js';
import type { AugmentOption } from './augment-option.js';

/** How a picture is augmented in training. */
export interface Variation {
  stream: RandomStream;
  augment: AugmentOption;
}

/**
 * How the pictures of a batch are augmented. Whole images and crops have separate random streams, so whole images are augmented the same
 * with and without crops.
 */
export interface Variations {
  whole: RandomStream;
  crops: RandomStream;
  augment: AugmentOption;
}

/** The stream and options for one picture. */
export function variationOf(crop: Box | undefined, { whole, crops, augment }: Variations): Variation {
  return { stream: crop ? crops : whole, augment };
}

/** Each edge of a core box moves by up to this fraction of the box's side. */
const JITTER = 0.1;

/** The part of an image that augmentations of a picture can show: a crop with the margin for jittering, or the whole image. */
export function withMargin(crop: Box | undefined): Box {
  if (!crop) return fullImage;
  const [width, height] = [crop.x2 - crop.x1, crop.y2 - crop.y1].map((side) => side * JITTER);
  return {
    x1: Math.max(0, crop.x1 - width),
    y1: Math.max(0, crop.y1 - height),
    x2: Math.min(1, crop.x2 + width),
    y2: Math.min(1, crop.y2 + height),
  };
}

/**
 * Draw an augmentation of a picture, to be applied to its `withMargin` part. A whole image is cropped at random. A crop shows only the
 * product already, so its box is jittered instead. Colours and flips vary alike for both.
 */
export function drawVariation(crop: Box | undefined, { stream, augment }: Variation): Augmentation {
  if (!crop) return drawAugmentation(stream, augment);
  const colours = drawAugmentation(stream, { ...augment, area: [1, 1], aspect: [1, 1] });
  return { ...colours, crop: jitterBox(stream, placeIn(withMargin(crop), crop), JITTER) };
}

/** A box in fractions of another box that contains it. */
function placeIn({ x1, y1, x2, y2 }: Box, inner: Box): Box {
  const [width, height] = [x2 - x1, y2 - y1];
  return {
    x1: (inner.x1 - x1) / width,
    y1: (inner.y1 - y1) / height,
    x2: (inner.x2 - x1) / width,
    y2: (inner.y2 - y1) / height,
  };
}
