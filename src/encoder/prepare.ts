import { join } from 'node:path';
import { UserError } from '../checks/error.js';
import { checkConfig } from '../config/check-config.js';
import type { MoonConfig } from '../config/config.js';
import { checkTrainingImages } from '../config/needed-images.js';
import { withoutImages } from '../data/drop-missing.js';
import { countFound, type Found } from '../data/found.js';
import type { RegionRequest } from '../data/region.js';
import type { Catalogue } from '../data/types.js';
import { codeVersion } from '../engine/compile/graph-cache.js';
import { longCall } from '../engine/long-call.js';
import { loadPixels, type PixelOptions, type Pixels } from '../pictures/picture-store.js';
import { whiteBalanceOf } from '../pictures/vision-option.js';
import { detectorOf, readsTitles } from '../regions/detector.js';
import { cachedDetector } from '../regions/region-cache.js';
import { regionRequests } from '../regions/requests.js';
import { cacheFolder } from '../store/cache-folder.js';
import { attentionOpener } from './attention-reader.js';
import { loadBest } from './checkpoints.js';
import { type Encoder, startNetwork } from './encoder.js';

/** Everything that training and evaluation need: a network before its first step, and the pictures. */
export interface Experiment {
  encoder: Encoder;
  pixels: Pixels;
  /** What of the data there is to train on. */
  found: Found;
}

export interface PrepareOptions extends Pick<PixelOptions, 'onProgress' | 'signal'> {
  /** Told which images could not be read, by id, before features are made of the others; what it throws ends the call. */
  onRead?: (unreadable: ReadonlyMap<string, string>) => void;
  /** Folder of the run that is about to train: it cannot be the checkpoint that finds its regions. */
  run?: string;
  /** Where decoded pictures of generated data are kept, which have no folder of their own; left out, they are drawn anew. */
  drawings?: string;
}

/**
 * Read the pictures (`preparePixels`), train the tokenizer and draw the weights.
 * @throws UserError when the config shows images and no product for training has one that can be read
 */
export async function prepare(
  config: MoonConfig,
  catalogue: Catalogue,
  onProgress?: PixelOptions['onProgress'],
  options: Omit<PrepareOptions, 'onProgress' | 'onRead'> = {},
): Promise<Experiment> {
  checkConfig(config);
  const check = (unreadable?: ReadonlyMap<string, string>) => {
    const found = countFound(catalogue, unreadable);
    checkTrainingImages(config, found);
    return found;
  };
  check();
  const pixels = await preparePixels(config, catalogue, { ...options, onProgress, onRead: check });
  const found = check(pixels.missing);
  return { encoder: startNetwork(config, catalogue), pixels, found };
}

/**
 * Decode every picture of a catalogue that training or evaluation looks at (main images and query photos), find the core regions, and
 * work out the features of a frozen encoder, where the config has one. What took time is kept for the next run (`cacheFolder`): decoded
 * pictures, regions, features. Of generated data, features alone, and pictures where `drawings` names a folder.
 * @throws UserError when it is interrupted, by the signal or in a notebook
 */
export async function preparePixels(
  config: Pick<MoonConfig, 'imageSize' | 'region' | 'vision' | 'augment'>,
  catalogue: Catalogue,
  options: PrepareOptions = {},
): Promise<Pixels> {
  return longCall(options.signal, ({ signal, show }) =>
    readPixels(config, catalogue, {
      ...options,
      signal,
      onProgress(done, total, label) {
        show({ label, done, total });
        options.onProgress?.(done, total, label);
      },
    }),
  );
}

async function readPixels(
  config: Parameters<typeof preparePixels>[0],
  catalogue: Catalogue,
  { onProgress, onRead, signal, run, drawings }: PrepareOptions,
): Promise<Pixels> {
  const { imageSize: size, region, vision, augment } = config;
  const folder = catalogue.root || vision.kind === 'onnx' ? await cacheFolder(catalogue.root) : undefined;
  const below = (name: string) => folder && join(folder, name);
  const generated = !catalogue.root;
  const opened = await detectorOf(region, { openAttention: attentionOpener(loadBest, run) });
  const requestsOf = (shown: Catalogue) => regionRequests(shown, { titles: readsTitles(region) });
  const requests = requestsOf(catalogue);
  const asked = new Set(requests.map(keyOf));
  const varied = trainingImages(catalogue);
  // Where a main image cannot be read, the next of its product is its main image.
  const standIns = (unreadable: ReadonlyMap<string, string>) => {
    onRead?.(unreadable);
    const shown = withoutImages(catalogue, unreadable);
    for (const id of trainingImages(shown)) varied.add(id);
    const more = requestsOf(shown).filter((request) => !asked.has(keyOf(request)));
    for (const request of more) asked.add(keyOf(request));
    return more;
  };
  const detector = opened && (await cachedDetector(opened, generated ? undefined : below('regions')));
  try {
    return await loadPixels(requests, {
      size,
      detect: detector?.detect,
      // Drawings change with the code that draws them, and with nothing else.
      folder: generated ? drawings && join(drawings, codeVersion().slice(0, 12)) : below('pictures'),
      features: vision.kind === 'onnx' ? { vision, augment, varied, folder: below('features') } : undefined,
      whiteBalance: whiteBalanceOf(vision),
      standIns,
      onProgress,
      signal,
    });
  } catch (error) {
    if (!signal?.aborted) throw error;
    throw new UserError('Interrupted while pictures were read. Start again: what was worked out until then is kept.');
  } finally {
    detector?.dispose();
    await detector?.save();
  }
}

const keyOf = ({ image, title }: RegionRequest) => JSON.stringify([image.id, title]);

/** Ids of the images that training may show: main images of products, and photos of training queries. */
function trainingImages({ products, pairs }: Catalogue): Set<string> {
  const main = products.flatMap(({ images }) => images.slice(0, 1));
  const asked = pairs.flatMap(({ query: { image }, split }) => (image && split === 'train' ? [image] : []));
  return new Set([...main, ...asked].map(({ id }) => id));
}
