import type { Catalogue } from '../data/types.js';
import { detectorOf } from '../regions/detector.js';
import { regionRequests } from '../regions/requests.js';
import type { MoonConfig } from './config.js';
import { startNetwork, type Trained } from './loop.js';
import { loadPixels, type Pixels } from './pixels.js';

/** Everything that training and evaluation need: a network before its first step, and the pictures. */
export interface Experiment {
  trained: Trained;
  pixels: Pixels;
}

/**
 * Decode every picture of a catalogue that training or evaluation looks at (main images and query photos), find the core
 * regions, train the tokenizer and draw the weights.
 */
export async function prepare(
  config: MoonConfig,
  catalogue: Catalogue,
  onProgress?: (done: number, total: number) => void,
): Promise<Experiment> {
  const requests = regionRequests(catalogue);
  const detector = await detectorOf(config.region);
  const pixels = await loadPixels(requests, {
    size: config.imageSize,
    detect: detector?.detect,
    onProgress: (done) => onProgress?.(done, requests.length),
  }).finally(() => detector?.dispose());
  return { trained: startNetwork(config, catalogue), pixels };
}
