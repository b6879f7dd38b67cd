import { join } from 'node:path';
import { UserError } from '../checks/error.js';
import { fillIn } from '../checks/fill-in.js';
import { checkConfig } from '../config/check-config.js';
import type { MoonConfig } from '../config/config.js';
import { checkTrainingImages } from '../config/needed-images.js';
import { withoutImages } from '../data/drop-missing.js';
import { countFound, type Found } from '../data/found.js';
import { openHashes } from '../data/images/image-hashes.js';
import type { RegionRequest } from '../data/region.js';
import type { Catalogue } from '../data/types.js';
import { codeVersion } from '../engine/compile/graph-cache.js';
import { longCall } from '../engine/long-call.js';
import { collectGarbage } from '../engine/memory.js';
import { augmentSchema } from '../pictures/augment-option.js';
import { loadPixels, type PixelOptions, type Pixels } from '../pictures/picture-store.js';
import { imageSizeSchema, visionSchema, whiteBalanceOf } from '../pictures/vision-option.js';
import { cachedWords } from '../pictures/words/cached-words.js';
import { ocrOption } from '../pictures/words/ocr-option.js';
import { openWordReader } from '../pictures/words/word-reader.js';
import { detectorOf, readsTitles } from '../regions/detector.js';
import { regionSchema } from '../regions/options.js';
import { cachedDetector } from '../regions/region-cache.js';
import { regionRequests } from '../regions/requests.js';
import { cacheFolder } from '../store/cache-folder.js';
import { remembered } from '../store/remembered.js';
import { attentionOpener } from './attention-reader.js';
import { loadBest } from './checkpoints.js';
import type { Encoder } from './encoder.js';
import { requirePublishedParts } from './published-parts.js';
import { startNetwork } from './start-network.js';

/**
 * Everything that training and evaluation need: an untrained encoder and the images.
 * @example
 * ```ts
 * const catalogue = moon.generateShop({ products: 50 });
 * const { encoder, pixels, found }: moon.Experiment = await moon.prepare(moon.paper, catalogue);
 * console.log(moon.data.foundLines(found));
 * ```
 */
export interface Experiment {
  encoder: Encoder;
  pixels: Pixels;
  /** Counts of what was found in the data. */
  found: Found;
}

export interface PrepareOptions extends Pick<PixelOptions, 'onProgress' | 'signal'> {
  /** Called with the unreadable images (id -> reason) before features are computed for the others. An exception ends the call. */
  onRead?: (unreadable: ReadonlyMap<string, string>) => void;
  /** Folder of the run that is about to train. It cannot be the checkpoint that detects its regions. */
  run?: string;
  /** Folder for images of generated data, which have no folder of their own. If left out, they are drawn again each time up to 1 GB. */
  drawings?: string;
}

/** Counting and reading more products leaves hundreds of megabytes that nothing refers to, and training takes as many at its start. */
const MANY = 100_000;

/**
 * Read the images (`preparePixels`), train the tokenizer and sample the weights.
 * @throws UserError if the config shows images and no training product has a readable one
 * @example
 * ```ts
 * const catalogue = await moon.openCatalogue(moon.GROCERY_PACK);
 * const { encoder, pixels } = await moon.prepare(moon.grocery, catalogue);
 * await moon.train(encoder, catalogue, pixels);
 * ```
 */
export async function prepare(
  config: MoonConfig,
  catalogue: Catalogue,
  onProgress?: PixelOptions['onProgress'],
  options: Omit<PrepareOptions, 'onProgress' | 'onRead'> = {},
): Promise<Experiment> {
  checkConfig(config);
  requirePublishedParts(config);
  // Counting a million products takes seconds, and mostly every image can be read.
  const count = remembered((unreadable: ReadonlyMap<string, string>) => countFound(catalogue, unreadable), {
    keyOf: ({ size }) => String(size),
    most: 1,
  });
  const check = (unreadable: ReadonlyMap<string, string> = new Map()) => {
    const found = count(unreadable);
    checkTrainingImages(config, found);
    return found;
  };
  check();
  const pixels = await preparePixels(config, catalogue, { ...options, onProgress, onRead: check });
  const found = check(pixels.missing);
  const encoder = startNetwork(config, catalogue);
  if (catalogue.products.length > MANY) collectGarbage();
  return { encoder, pixels, found };
}

/**
 * Decode all images of a catalogue that training or evaluation uses (main images and query photos), detect the core regions, and compute
 * the features of a frozen image encoder if the config has one. The results are cached for the next run (`cacheFolder`): decoded images,
 * regions, features. Of generated data, only features are kept, and images if `drawings` names a folder or they take more than 1 GB. What is kept
 * is read from disk when it is shown, never held in memory.
 * @throws UserError if interrupted, by the signal or in a notebook
 */
export async function preparePixels(
  config: Pick<MoonConfig, 'imageSize' | 'region' | 'ocr' | 'vision' | 'augment'>,
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
  fillIn(imageSizeSchema, size, 'imageSize');
  fillIn(visionSchema, vision, 'vision');
  fillIn(regionSchema, region, 'region');
  fillIn(augmentSchema, augment, 'augment');
  if (vision.kind === 'none') return noPixels(catalogue, onRead);
  const folder = catalogue.root || vision.kind === 'onnx' ? await cacheFolder(catalogue.root) : undefined;
  const below = (name: string) => folder && join(folder, name);
  const generated = !catalogue.root;
  const opened = await detectorOf(region, { openAttention: attentionOpener(loadBest, run) });
  const requestsOf = (shown: Catalogue) => regionRequests(shown, { titles: readsTitles(region) });
  const requests = requestsOf(catalogue);
  let asked: Set<string> | undefined;
  const varied = trainingImages(catalogue);
  // If a main image cannot be read, the next image of its product replaces it.
  const standIns = (unreadable: ReadonlyMap<string, string>) => {
    onRead?.(unreadable);
    if (!unreadable.size) return [];
    asked ??= new Set(requests.map(keyOf));
    const shown = withoutImages(catalogue, unreadable);
    for (const id of trainingImages(shown)) varied.add(id);
    const known = asked;
    const more = requestsOf(shown).filter((request) => !known.has(keyOf(request)));
    for (const request of more) known.add(keyOf(request));
    return more;
  };
  const { hashOf, save: saveHashes } = openHashes(generated ? undefined : below('pictures/hashes'));
  const ocr = ocrOption(config.ocr);
  const words =
    ocr.kind === 'none'
      ? undefined
      : await cachedWords(await openWordReader(ocr), generated ? undefined : below('words'), hashOf);
  const detector = opened && (await cachedDetector(opened, generated ? undefined : below('regions'), hashOf));
  try {
    return await loadPixels(requests, {
      size,
      detect: detector?.detect,
      read: words?.read,
      // Drawings change only if the code changes.
      folder: generated ? await drawingsFolder(drawings, requests.length, size) : below('pictures'),
      hashOf,
      features: vision.kind === 'onnx' ? { vision, augment, varied, folder: below('features') } : undefined,
      whiteBalance: whiteBalanceOf(vision),
      standIns,
      onProgress,
      signal,
    });
  } catch (error) {
    if (!signal?.aborted) throw error;
    throw new UserError('Interrupted while images were read. Start again: the results so far are cached.');
  } finally {
    detector?.dispose();
    saveHashes();
    await detector?.save();
    await words?.save();
  }
}

/** Bytes of drawn pictures that are held in memory. */
const DRAWN = 1e9;

/**
 * Folder of drawn pictures; undefined if they are held in memory.
 * @throws UserError for more than fit, where no folder can be written
 */
async function drawingsFolder(given: string | undefined, count: number, size: number): Promise<string | undefined> {
  // A whole image, and a core region with its margin.
  const bytes = count * 3 * (1.25 * size) ** 2 * 3;
  const own = given ?? (bytes > DRAWN ? await cacheFolder('') : undefined);
  if (!own && bytes > DRAWN)
    throw new UserError(
      `The drawn pictures take up to ${(bytes / 1e9).toFixed(1)} GB, and no folder can be written to keep them. Set MOON_CACHE to a folder that can be written.`,
    );
  return own && join(own, given ? '' : 'pictures', codeVersion().slice(0, 12));
}

/** For a network that reads texts alone, every image counts as one that cannot be read. */
async function noPixels(catalogue: Catalogue, onRead: PrepareOptions['onRead']): Promise<Pixels> {
  const pixels = await loadPixels([], { size: 1 });
  const images = [
    ...catalogue.products.flatMap((product) => product.images),
    ...catalogue.pairs.flatMap(({ query }) => query.image ?? []),
  ];
  for (const { id } of images) pixels.missing.set(id, "the network reads texts alone (vision.kind: 'none')");
  onRead?.(pixels.missing);
  return pixels;
}

const keyOf = ({ image, title }: RegionRequest) => JSON.stringify([image.id, title]);

/** Ids of the images available to training: main and generated images of products, and photos of training queries. */
function trainingImages({ products, pairs, enriched }: Catalogue): Set<string> {
  const main = products.flatMap(({ images }) => images.slice(0, 1));
  const asked = pairs.flatMap(({ query: { image }, split }) => (image && split === 'train' ? [image] : []));
  const views = [...(enriched?.values() ?? [])].flatMap((each) => each.views);
  return new Set([...main, ...asked, ...views].map(({ id }) => id));
}
