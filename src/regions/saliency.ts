import { type Detector, plausibleRegion, type Region } from '../data/region.js';
import type { Raster } from '../data/types.js';
import { decodeImage } from '../pictures/image.js';
import { identityOf } from './identity.js';
import { massBox } from './mass-box.js';
import { regionOption, type SaliencyOption } from './options.js';

export function saliencyDetector(option: SaliencyOption): Detector {
  const { kind, side } = regionOption(option);
  return {
    detect: async ({ source }) => [
      saliencyRegion(await decodeImage(source, { width: side, height: side, fit: 'stretch' })),
    ],
    identity: identityOf(kind, { side }),
    dispose: () => {},
  };
}

/** The region around the salient part of an image; see `saliencyMap` and `massBox`. */
export function saliencyRegion(raster: Raster): Region {
  return plausibleRegion('saliency', massBox(saliencyMap(raster), raster.width));
}

/**
 * Salience of every pixel [height * width] by minimum barrier distance (Zhang et al., "Minimum Barrier Salient Object Detection at 80 FPS",
 * ICCV 2015). A pixel's distance is the smallest difference between the brightest and the darkest pixel along any path to the image border,
 * summed over red, green and blue. The background is connected to the border with small differences, even if its brightness drifts.
 */
export function saliencyMap(raster: Raster): Float64Array {
  const out = new Float64Array(raster.width * raster.height);
  for (let channel = 0; channel < 3; channel++) addBarriers(out, raster, channel);
  return out;
}

/** The paper's fast approximation: three scans. Each extends paths from the two neighbours that it has already visited. */
function addBarriers(out: Float64Array, { width, height, data }: Raster, channel: number): void {
  const level = Uint8Array.from(out, (_, at) => data[at * 3 + channel]);
  // The best path found so far: its brightest and darkest pixel, and their difference.
  const high = level.slice();
  const low = level.slice();
  const barrier = new Uint8Array(level.length);
  for (let y = 1; y < height - 1; y++) barrier.fill(255, y * width + 1, (y + 1) * width - 1);
  const extend = (at: number, from: number) => {
    const up = Math.max(high[from], level[at]);
    const down = Math.min(low[from], level[at]);
    if (up - down >= barrier[at]) return;
    barrier[at] = up - down;
    high[at] = up;
    low[at] = down;
  };
  const scan = (step: 1 | -1) => {
    for (let y = step > 0 ? 1 : height - 2; y > 0 && y < height - 1; y += step)
      for (let x = step > 0 ? 1 : width - 2; x > 0 && x < width - 1; x += step) {
        const at = y * width + x;
        extend(at, at - step * width);
        extend(at, at - step);
      }
  };
  scan(1);
  scan(-1);
  scan(1);
  for (let at = 0; at < out.length; at++) out[at] += barrier[at];
}
