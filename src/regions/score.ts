import { UserError, wrongOption } from '../checks/error.js';
import { boxArea, intersectionOverUnion, sharedArea } from '../data/overlap.js';
import { countFallbacks, type Detector, type Fallback, type Region } from '../data/region.js';
import type { Catalogue, ProductImage } from '../data/types.js';
import { longCall } from '../engine/long-call.js';
import { randomStream } from '../engine/random.js';
import { drawnOnce } from '../pictures/drawn-once.js';
import { clusterBootstrap, type Interval } from '../statistics/bootstrap.js';
import { productRequests, queryRequests } from './requests.js';

/** How well a detector finds boxes that are known, with 95% intervals over products. */
export interface RegionScore {
  /** Intersection over union with the true box. */
  iou: Interval;
  /** Share of the true box that lies inside the region: what the crop still shows of the product. */
  coverage: Interval;
  /** Share of the image that the region keeps: what the crop still shows at all. */
  area: Interval;
  /** How often the whole image stood in, by reason. */
  fallbacks: Record<Fallback, number>;
  /** Mean time an image, in milliseconds; reading and resizing it included, drawing it not. */
  milliseconds: number;
  images: number;
}

export interface ScoreOptions {
  /** `products`: main images with their titles (default). `queries`: images of queries, which have none. */
  of?: 'products' | 'queries';
  /** At most so many images, drawn by chance. Default 200. */
  images?: number;
  /** Of the drawing and of the intervals. Default 0. */
  seed?: number;
}

/**
 * Score a detector on a catalogue whose boxes are known, such as a generated shop; one image at a time.
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
  const drawn = randomStream(seed, 'score regions').shuffle(known).slice(0, images);
  const regions: Region[] = [];
  let milliseconds = 0;
  await longCall(undefined, async ({ signal, show }) => {
    for (const { image, title } of drawn) {
      signal.throwIfAborted();
      const now = drawnOnce(image);
      const started = performance.now();
      const [core] = await detector.detect(now, title);
      regions.push(core);
      milliseconds += performance.now() - started;
      show({ label: 'regions', done: regions.length, total: drawn.length });
    }
  });
  const mean = (measure: (region: Region, image: ProductImage) => number) =>
    clusterBootstrap(
      regions.map((region, at) => measure(region, drawn[at].image)),
      drawn.map(({ product }) => product),
      { seed },
    );
  return {
    iou: mean(({ box }, image) => intersectionOverUnion(box, image.box!)),
    coverage: mean(({ box }, image) => sharedArea(box, image.box!) / boxArea(image.box!)),
    area: mean(({ box }) => boxArea(box)),
    fallbacks: countFallbacks(regions),
    milliseconds: milliseconds / drawn.length,
    images: drawn.length,
  };
}
