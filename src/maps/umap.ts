import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { UserError, wrongOption } from '../checks/error.js';
import { type LongCall, longCall } from '../engine/long-call.js';
import { randomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import { nearestRows, unitRows } from '../search/nearest.js';
import { userCache } from '../store/user-cache.js';
import { chooseLandmarks, placeAmongLandmarks } from './landmarks.js';
import { type CachedLayout, cacheLayout, layoutKey, readLayout } from './layout-cache.js';
import { type MapQuality, mapQuality } from './map-quality.js';
import { neighbourGraph } from './umap-graph.js';
import { runEpoch, startLayout } from './umap-layout.js';
import { principalStart } from './umap-start.js';

export interface LayoutOptions {
  /** Number of dimensions: 2 for a page; 3 preserves more neighbours and can be rotated. Default 2. */
  dimensions?: 2 | 3;
  /** Random seed. The same seed and embeddings give exactly the same map. Default 0. */
  seed?: number;
  /**
   * Number of neighbours, including the point itself as in umap-learn. Small values show many small clusters and local structure; large
   * values show global structure with little detail. Default 15.
   */
  neighbours?: number;
  /** Minimum distance of points: 0 gives dense clusters, 0.5 an even spread. Default 0.1. */
  minDist?: number;
  /**
   * Number of epochs: few leave the layout unfinished, more sharpen clusters. Default 500 for up to 2,500 points, down to 200 above 7,500.
   */
  epochs?: number;
  /**
   * Number of points that the layout is computed from, drawn by the seed; the others are placed among their nearest landmarks. Default all
   * of up to 50,000 points, 20,000 of more.
   */
  landmarks?: number;
  /** Cache folder for computed maps; default the user's cache; null disables caching. If it cannot be written, nothing is cached. */
  cache?: string | null;
  /**
   * Called after each epoch. `coordinates()` copies the current map, [count, dimensions], or that of the landmarks.
   * For a cached map it is called once, with the whole map.
   */
  onEpoch?: (epoch: number, epochs: number, coordinates: () => Float32Array) => void;
  /** Aborts after the current epoch: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

export interface EmbeddingLayout extends MapQuality {
  /** Coordinates [count, dimensions]. The axes have no unit and no meaning. */
  coordinates: Float32Array;
  dimensions: 2 | 3;
  /** Number of embeddings. */
  count: number;
  /** Rows that the layout was computed from, in ascending order; absent if from all. */
  landmarks?: Int32Array;
}

/** The default of `landmarks` for more than `MANY` points. */
const LANDMARKS = 20_000;
const MANY = 50_000;

/** Interval in milliseconds at which interrupts and displays may run. */
const YIELD_MS = 50;

/**
 * Compute a map of embeddings [count, width] with UMAP (McInnes et al. 2018, arXiv 1802.03426): exact cosine neighbours from the engine,
 * strengths and curve as in umap-learn, and gradient descent from an initial map along the principal components. The result includes the
 * map's trustworthiness and neighbour overlap for the same number of neighbours. Of more than 50,000 embeddings the layout is that of some,
 * the landmarks, with the others placed among them; the scores are those of the whole map.
 * @throws UserError for fewer than 4 embeddings or a wrong option, and naming a row that is zero or not finite
 * @example
 * ```ts
 * const { products } = moon.search.readEmbeddings('runs/start/seed-1');
 * const { vectors, ids, width } = products;
 * const { coordinates, trustworthiness } = await moon.layoutMap(vectors, ids.length, width, { neighbours: 10 });
 * ```
 */
export async function layoutMap(
  embeddings: Float32Array,
  count: number,
  width: number,
  options: LayoutOptions = {},
): Promise<EmbeddingLayout> {
  const { dimensions = 2, seed = 0, minDist = 0.1, cache = join(userCache(), 'maps'), onEpoch } = options;
  const { landmarks = count > MANY ? LANDMARKS : count } = options;
  const { neighbours = Math.min(15, landmarks - 1), epochs = defaultEpochs(landmarks) } = options;
  const shape = { dimensions, seed, neighbours, minDist, epochs };
  check(count, landmarks, shape);
  const rows = landmarks < count ? chooseLandmarks(count, landmarks, seed) : undefined;
  const about = { dimensions, count, ...(rows && { landmarks: rows }) };
  const unit = unitRows(embeddings, count, width);
  try {
    options.signal?.throwIfAborted();
    const key = layoutKey(embeddings, { count, width, ...shape, ...(rows && { landmarks }) });
    const known = cache !== null && (await readLayout(cache, key, count * dimensions));
    if (known) {
      onEpoch?.(epochs, epochs, () => known.coordinates.slice());
      return { ...known, ...about };
    }
    const drawn = await longCall(options.signal, (call) => draw(unit, rows, shape, onEpoch, call));
    if (cache !== null) cacheLayout(cache, key, drawn);
    return { ...drawn, ...about };
  } finally {
    unit.dispose();
  }
}

type Shape = Required<Pick<LayoutOptions, 'dimensions' | 'seed' | 'neighbours' | 'minDist' | 'epochs'>>;

async function draw(
  unit: tf.Tensor2D,
  landmarks: Int32Array | undefined,
  shape: Shape,
  onEpoch: LayoutOptions['onEpoch'],
  call: LongCall,
): Promise<CachedLayout> {
  const [count] = unit.shape;
  const k = shape.neighbours - 1;
  const { signal, show } = call;
  const ofLandmarks = async (rows: Int32Array) => {
    const own = tf.tidy(() => tf.gather(unit, tf.tensor1d(rows, 'int32')));
    try {
      const positions = await layOut(own, shape, onEpoch, call);
      const onProgress = (done: number) => show({ label: 'placed', done, total: count });
      return await placeAmongLandmarks(unit, { rows, unit: own, positions }, k, { signal, onProgress });
    } finally {
      own.dispose();
    }
  };
  const coordinates = await (landmarks ? ofLandmarks(landmarks) : layOut(unit, shape, onEpoch, call));
  const quality = await mapQuality(unit, coordinates, Math.min(k, Math.floor((count - 1) / 2)), shape.seed, signal);
  return { coordinates, ...quality };
}

/** The map of all rows of `unit`, [count, dimensions]. */
async function layOut(
  unit: tf.Tensor2D,
  { dimensions, seed, neighbours, minDist, epochs }: Shape,
  onEpoch: LayoutOptions['onEpoch'],
  { signal, show }: LongCall,
): Promise<Float32Array> {
  const [count] = unit.shape;
  const k = neighbours - 1;
  const near = (done: number) => show({ label: 'neighbours', done, total: count });
  const layout = startLayout(
    neighbourGraph(await nearestRows(unit, k, { signal, onProgress: near }), count),
    principalStart(unit, dimensions, seed),
    { minDist, epochs, seed: 1 + randomStream(seed, 'umap').integer(2 ** 31 - 1) },
  );
  const coordinates = () => (dimensions === 3 ? layout.points.slice() : layout.points.filter((_, at) => at % 3 < 2));
  let yielded = performance.now();
  for (let epoch = 1; epoch <= epochs; epoch++) {
    runEpoch(layout);
    onEpoch?.(epoch, epochs, coordinates);
    show({ label: 'map', done: epoch, total: epochs });
    if (performance.now() - yielded > YIELD_MS) {
      await setImmediate();
      yielded = performance.now();
    }
    signal.throwIfAborted();
  }
  return coordinates();
}

/** The defaults of umap-js. */
function defaultEpochs(count: number): number {
  return count <= 2500 ? 500 : count <= 5000 ? 400 : count <= 7500 ? 300 : 200;
}

function check(count: number, landmarks: number, { dimensions, neighbours, minDist, epochs }: Shape): void {
  if (count < 4) throw new UserError(`layoutMap: got ${count} embeddings, expected at least 4 to draw a map.`);
  if (dimensions !== 2 && dimensions !== 3) throw wrongOption('dimensions', dimensions, '2 or 3');
  if (!Number.isInteger(landmarks) || landmarks < 4 || landmarks > count) {
    throw wrongOption('landmarks', landmarks, `an integer from 4 to ${count}, the number of embeddings`);
  }
  if (!Number.isInteger(neighbours) || neighbours < 2 || neighbours >= landmarks) {
    const below = landmarks < count ? 'landmarks' : 'embeddings';
    throw wrongOption('neighbours', neighbours, `an integer from 2 to ${landmarks - 1}, below the number of ${below}`);
  }
  if (!(minDist >= 0 && minDist <= 1)) throw wrongOption('minDist', minDist, 'a number from 0 to 1');
  if (!(Number.isInteger(epochs) && epochs > 0)) throw wrongOption('epochs', epochs, 'an integer above 0');
}
