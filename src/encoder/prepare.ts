import { join } from 'node:path';
import { UserError } from '../checks/error.js';
import type { MoonConfig } from '../config/config.js';
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
import { startNetwork, type Trained } from './encoder.js';

/** Everything that training and evaluation need: a network before its first step, and the pictures. */
export interface Experiment {
  trained: Trained;
  pixels: Pixels;
}

export interface PrepareOptions extends Pick<PixelOptions, 'onProgress' | 'signal'> {
  /** Folder of the run that is about to train: it cannot be the checkpoint that finds its regions. */
  run?: string;
  /** Where decoded pictures of generated data are kept, which have no folder of their own; left out, they are drawn anew. */
  drawings?: string;
}

/** Read the pictures (`preparePixels`), train the tokenizer and draw the weights. */
export async function prepare(
  config: MoonConfig,
  catalogue: Catalogue,
  onProgress?: PixelOptions['onProgress'],
  options: Omit<PrepareOptions, 'onProgress'> = {},
): Promise<Experiment> {
  const pixels = await preparePixels(config, catalogue, { ...options, onProgress });
  return { trained: startNetwork(config, catalogue), pixels };
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
  { onProgress, signal, run, drawings }: PrepareOptions,
): Promise<Pixels> {
  const { imageSize: size, region, vision, augment } = config;
  const folder = catalogue.root || vision.kind === 'onnx' ? await cacheFolder(catalogue.root) : undefined;
  const below = (name: string) => folder && join(folder, name);
  const generated = !catalogue.root;
  const opened = await detectorOf(region, { openAttention: attentionOpener(loadBest, run) });
  const detector = opened && (await cachedDetector(opened, generated ? undefined : below('regions')));
  try {
    return await loadPixels(regionRequests(catalogue, { titles: readsTitles(region) }), {
      size,
      detect: detector?.detect,
      // Drawings change with the code that draws them, and with nothing else.
      folder: generated ? drawings && join(drawings, codeVersion().slice(0, 12)) : below('pictures'),
      features:
        vision.kind === 'onnx'
          ? { vision, augment, varied: trainingImages(catalogue), folder: below('features') }
          : undefined,
      whiteBalance: whiteBalanceOf(vision),
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

/** Ids of the images that training may show: main images of products, and photos of training queries. */
function trainingImages({ products, pairs }: Catalogue): Set<string> {
  const main = products.flatMap(({ images }) => images.slice(0, 1));
  const asked = pairs.flatMap(({ query: { image }, split }) => (image && split === 'train' ? [image] : []));
  return new Set([...main, ...asked].map(({ id }) => id));
}
