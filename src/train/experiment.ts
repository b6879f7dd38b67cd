import type { Catalogue } from '../data/types.js';
import { detectorOf } from '../regions/detector.js';
import type { MoonConfig } from './config.js';
import { startNetwork, type Trained } from './loop.js';
import { loadPixels, type Pixels } from './pixels.js';

/** Everything that training and evaluation need: a network before its first step, and the pictures. */
export interface Experiment {
  trained: Trained;
  pixels: Pixels;
}

/** Side in pixels at which pictures are kept, relative to what the network sees: room for crops. */
const ROOM = 1.25;

/**
 * Decode every picture of a catalogue that training or evaluation looks at (main images and query photos), find the core
 * regions, train the tokenizer and draw the weights.
 */
export async function prepare(
  config: MoonConfig,
  catalogue: Catalogue,
  onProgress?: (done: number, total: number) => void,
): Promise<Experiment> {
  const images = [
    ...catalogue.products.flatMap((product) => product.images.slice(0, 1)),
    ...catalogue.pairs.flatMap(({ query }) => query.image ?? []),
  ];
  const total = new Set(images.map(({ id }) => id)).size;
  const detector = detectorOf(config.region);
  const pixels = await loadPixels(images, Math.round(config.imageSize * ROOM), detector, (done) =>
    onProgress?.(done, total),
  );
  return { trained: startNetwork(config, catalogue), pixels };
}
