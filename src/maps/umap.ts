import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { UserError, wrongOption } from '../checks/error.js';
import { type LongCall, longCall } from '../engine/long-call.js';
import { randomStream } from '../engine/random.js';
import type * as tf from '../engine/tf.js';
import { nearestRows, unitRows } from '../search/nearest.js';
import { userCache } from '../store/user-cache.js';
import { type KeptLayout, keepLayout, layoutKey, readLayout } from './layout-cache.js';
import { type MapQuality, mapQuality } from './map-quality.js';
import { neighbourGraph } from './umap-graph.js';
import { moveOnce, startLayout } from './umap-layout.js';
import { principalStart } from './umap-start.js';

export interface LayoutOptions {
  /** 2 for a page; 3 leaves more neighbours in place, to be turned by hand. 2. */
  dimensions?: 2 | 3;
  /** The same seed and embeddings give the same map, to the last digit. */
  seed?: number;
  /** Small: many little islands, true only close by. Large: the coarse shape, little detail. Counts the point itself, as umap-learn does. 15. */
  neighbours?: number;
  /** How tightly points may be packed: 0 draws dense clumps, 0.5 an even carpet. 0.1. */
  minDist?: number;
  /** Fewer look unfinished, more sharpen the islands. 500 for up to 2,500 points, down to 200 from 7,500 on. */
  epochs?: number;
  /** Folder of the maps that were drawn before, the user's cache by default; null draws anew. Where it cannot be written nothing is kept. */
  cache?: string | null;
  /** Called after each epoch; `coordinates()` copies the map as it stands, [count, dimensions]. A map from the cache calls it once, at its end. */
  onEpoch?: (epoch: number, epochs: number, coordinates: () => Float32Array) => void;
  /** Stops after the running epoch: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

export interface EmbeddingLayout extends MapQuality {
  /** [count, dimensions], where each point is. The axes have no unit and no meaning of their own. */
  coordinates: Float32Array;
  dimensions: 2 | 3;
}

/** Let interrupts and displays have their turn this often, in milliseconds. */
const turn = 50;

/**
 * Draw embeddings [count, width] as a map (UMAP, McInnes 2018): exact cosine neighbours from the engine, strengths and curve as in
 * umap-learn, a descent in typed arrays from a start on the main axes. The map comes with its trustworthiness and neighbour overlap over the
 * same number of neighbours, so that a pretty picture cannot lie.
 */
export async function layoutMap(
  embeddings: Float32Array,
  count: number,
  width: number,
  options: LayoutOptions = {},
): Promise<EmbeddingLayout> {
  const { dimensions = 2, seed = 0, minDist = 0.1, cache = join(userCache(), 'maps'), onEpoch } = options;
  const { neighbours = Math.min(15, count - 1), epochs = usualEpochs(count) } = options;
  const shape = { dimensions, seed, neighbours, minDist, epochs };
  check(count, shape);
  const unit = unitRows(embeddings, count, width);
  try {
    options.signal?.throwIfAborted();
    const key = layoutKey(embeddings, { count, width, ...shape });
    const known = cache !== null && (await readLayout(cache, key, count * dimensions));
    if (known) {
      onEpoch?.(epochs, epochs, () => known.coordinates.slice());
      return { ...known, dimensions };
    }
    const drawn = await longCall(options.signal, (call) => draw(unit, shape, onEpoch, call));
    if (cache !== null) keepLayout(cache, key, drawn);
    return { ...drawn, dimensions };
  } finally {
    unit.dispose();
  }
}

type Shape = Required<Pick<LayoutOptions, 'dimensions' | 'seed' | 'neighbours' | 'minDist' | 'epochs'>>;

async function draw(
  unit: tf.Tensor2D,
  { dimensions, seed, neighbours, minDist, epochs }: Shape,
  onEpoch: LayoutOptions['onEpoch'],
  { signal, show }: LongCall,
): Promise<KeptLayout> {
  const [count] = unit.shape;
  const k = neighbours - 1;
  const near = (done: number) => show({ label: 'neighbours', done, total: count });
  const layout = startLayout(
    neighbourGraph(await nearestRows(unit, k, { signal, onProgress: near }), count),
    principalStart(unit, dimensions, seed),
    { minDist, epochs, seed: 1 + randomStream(seed, 'umap').integer(2 ** 31 - 1) },
  );
  const coordinates = () => (dimensions === 3 ? layout.points.slice() : layout.points.filter((_, at) => at % 3 < 2));
  let rested = performance.now();
  for (let epoch = 1; epoch <= epochs; epoch++) {
    moveOnce(layout);
    onEpoch?.(epoch, epochs, coordinates);
    show({ label: 'map', done: epoch, total: epochs });
    if (performance.now() - rested > turn) {
      await setImmediate();
      rested = performance.now();
    }
    signal.throwIfAborted();
  }
  const map = coordinates();
  const quality = await mapQuality(unit, map, Math.min(k, Math.floor((count - 1) / 2)), seed, signal);
  return { coordinates: map, ...quality };
}

/** As umap-js has it. */
function usualEpochs(count: number): number {
  return count <= 2500 ? 500 : count <= 5000 ? 400 : count <= 7500 ? 300 : 200;
}

function check(count: number, { dimensions, neighbours, minDist, epochs }: Shape): void {
  if (count < 4) throw new UserError(`layoutMap: got ${count} embeddings, expected at least 4 to draw a map.`);
  if (dimensions !== 2 && dimensions !== 3) throw wrongOption('dimensions', dimensions, '2 or 3');
  if (!Number.isInteger(neighbours) || neighbours < 2 || neighbours >= count) {
    throw wrongOption(
      'neighbours',
      neighbours,
      `a whole number from 2 to ${count - 1}, below the number of embeddings`,
    );
  }
  if (!(minDist >= 0 && minDist <= 1)) throw wrongOption('minDist', minDist, 'a number from 0 to 1');
  if (!(Number.isInteger(epochs) && epochs > 0)) throw wrongOption('epochs', epochs, 'a whole number above 0');
}
