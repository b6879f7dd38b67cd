import { UserError, wrongOption } from '../checks/error.js';
import { boxArea, intersectionOverUnion, sharedArea } from '../data/overlap.js';
import { countFallbacks, type Detector, type Fallback, type Region } from '../data/region.js';
import type { Catalogue, ProductImage } from '../data/types.js';
import { longCall } from '../engine/long-call.js';
import { randomStream } from '../engine/random.js';
import { drawnOnce } from '../pictures/drawn-once.js';
import { clusterBootstrap, type Interval } from '../statistics/bootstrap.js';
import { productRequests, queryRequests } from './requests.js';

/** Scores of a detector on known boxes, with 95% confidence intervals over products. */
export interface RegionScore {
  /** Intersection over union with the true box. */
  iou: Interval;
  /** Fraction of the true box inside the region: how much of the product the crop shows. */
  coverage: Interval;
  /** Fraction of the image inside the region. */
  area: Interval;
  /** How often the whole image was used instead, by reason. */
  fallbacks: Record<Fallback, number>;
  /** Mean time per image in milliseconds, including reading and resizing but not drawing it. */
  milliseconds: number;
  images: number;
}

export interface ScoreOptions {
  /** `products`: main images with their titles (default). `queries`: images of queries, which have none. */
  of?: 'products' | 'queries';
  /** Maximum number of images, chosen at random. Default 200. */
  images?: number;
  /** Seed of the random choice and of the intervals. Default 0. */
  seed?: number;
}

/**
 * Score a detector on a catalogue with known boxes, such as a generated shop. Runs one image at a time.
 * @throws UserError when no image has a box
 */
export async function scoreRegions(
  detector: Pick<Detector, 'detect'>,
  catalogue: Catalogue,
  { of = 'products', images = 200, seed = 0 }: ScoreOptions = {},
): Promise<RegionScore> {
  if (of !== 'products' && of !== 'queries') throw wrongOption('of', of, 'one of products | queries');
  const known = (of === 'queries' ? queryRequests : productRequests)(catalogue).filter(({ image }) => image.box);
  if (known.length === 0)
    throw new UserError(
      `No image of the ${of} of '${catalogue.adapter}' has a box; score regions on a generated shop.`,
    );
  const chosen = randomStream(seed, 'score regions').shuffle(known).slice(0, images);
  const regions: Region[] = [];
  let milliseconds = 0;
  await longCall(undefined, async ({ signal, show }) => {
    for (const { image, title } of chosen) {
      signal.throwIfAborted();
      const now = drawnOnce(image);
      const started = performance.now();
      const [core] = await detector.detect(now, title);
      regions.push(core);
      milliseconds += performance.now() - started;
      show({ label: 'regions', done: regions.length, total: chosen.length });
    }
  });
  const mean = (measure: (region: Region, image: ProductImage) => number) =>
    clusterBootstrap(
      regions.map((region, at) => measure(region, chosen[at].image)),
      chosen.map(({ product }) => product),
      { seed },
    );
  return {
    iou: mean(({ box }, image) => intersectionOverUnion(box, image.box!)),
    coverage: mean(({ box }, image) => sharedArea(box, image.box!) / boxArea(image.box!)),
    area: mean(({ box }) => boxArea(box)),
    fallbacks: countFallbacks(regions),
    milliseconds: milliseconds / chosen.length,
    images: chosen.length,
  };
}
