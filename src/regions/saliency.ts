import { decodeImage } from '../data/image.js';
import type { Raster } from '../data/types.js';
import { wrongOption } from '../engine/check.js';
import { identityOf } from './identity.js';
import { massBox } from './mass-box.js';
import { believable, type Detector, type Region } from './region.js';

export interface SaliencyOption {
  kind: 'saliency';
  /** Side in pixels of the square at which the image is looked at. Default 128. */
  side?: number;
}

/** A detector without weights, see `saliencyRegion`. It does not read titles. */
export function saliencyDetector({ kind, side = 128 }: SaliencyOption): Detector {
  if (!(Number.isInteger(side) && side >= 8 && side <= 4096))
    throw wrongOption('region.side', side, 'a whole number of pixels from 8 to 4096');
  return {
    detect: async ({ source }) =>
      saliencyRegion(await decodeImage(source, { width: side, height: side, fit: 'stretch' })),
    identity: identityOf(kind, { side }),
    dispose: () => {},
  };
}

/**
 * Core region by frequency-tuned saliency (Achanta et al., CVPR 2009): a pixel is as salient as the distance, in CIELAB, of the
 * slightly blurred pixel from the mean of the image. The box around the salient mass is `massBox`'s. Needs no weights and no title.
 */
export function saliencyRegion(raster: Raster): Region {
  return believable('saliency', massBox(saliencyMap(raster), raster.width));
}

/** Distance of every blurred pixel from the image's mean colour, [height * width]. */
export function saliencyMap(raster: Raster): Float64Array {
  const { width, height } = raster;
  const lab = toLab(raster);
  const out = new Float64Array(width * height);
  for (let channel = 0; channel < 3; channel++) {
    const plane = lab[channel];
    const mean = plane.reduce((sum, value) => sum + value, 0) / plane.length;
    const blurred = blur(plane, width, height);
    for (let at = 0; at < out.length; at++) out[at] += (blurred[at] - mean) ** 2;
  }
  return out.map(Math.sqrt);
}

/** The binomial 5-tap filter of the paper (1, 4, 6, 4, 1) / 16 in both directions; edges repeat. */
function blur(plane: Float64Array, width: number, height: number): Float64Array {
  const pass = (source: Float64Array, count: number, step: number, lines: number, lineStep: number) => {
    const out = new Float64Array(source.length);
    for (let line = 0; line < lines; line++)
      for (let at = 0; at < count; at++) {
        const value = (offset: number) =>
          source[line * lineStep + Math.min(count - 1, Math.max(0, at + offset)) * step];
        out[line * lineStep + at * step] = (value(-2) + 4 * value(-1) + 6 * value(0) + 4 * value(1) + value(2)) / 16;
      }
    return out;
  };
  return pass(pass(plane, width, 1, height, width), height, width, width, 1);
}

const linear = Float64Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/** sRGB bytes to CIELAB planes (D65). */
function toLab({ data }: Raster): [Float64Array, Float64Array, Float64Array] {
  const count = data.length / 3;
  const planes: [Float64Array, Float64Array, Float64Array] = [
    new Float64Array(count),
    new Float64Array(count),
    new Float64Array(count),
  ];
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 / 116) * t + 16 / 116);
  for (let at = 0; at < count; at++) {
    const [r, g, b] = [linear[data[at * 3]], linear[data[at * 3 + 1]], linear[data[at * 3 + 2]]];
    const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
    const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
    const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
    planes[0][at] = 116 * y - 16;
    planes[1][at] = 500 * (x - y);
    planes[2][at] = 200 * (y - z);
  }
  return planes;
}
