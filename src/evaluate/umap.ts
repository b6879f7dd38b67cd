import { setImmediate } from 'node:timers/promises';
import { UMAP } from 'umap-js';
import { UserError, wrongOption } from '../engine/check.js';
import { randomStream } from '../engine/random.js';
import { type MapQuality, mapQuality } from './map-quality.js';
import { nearestRows, unitRows } from './nearest.js';

export interface LayoutOptions {
  /** The same seed and embeddings give the same map, to the last digit. */
  seed?: number;
  /** Small: many little islands, true only close by. Large: the coarse shape, little detail. Counts the point itself, as umap-learn does. 15. */
  neighbours?: number;
  /** How tightly points may be packed: 0 draws dense clumps, 0.5 an even carpet. 0.1. */
  minDist?: number;
  /** Fewer look unfinished, more sharpen the islands. 500 for up to 2,500 points, down to 200 from 7,500 on. */
  epochs?: number;
  /** Called after each epoch; `coordinates()` copies the map as it stands, [count, 2]. */
  onEpoch?: (epoch: number, epochs: number, coordinates: () => Float32Array) => void;
  /** Stops after the running epoch: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

export interface EmbeddingLayout extends MapQuality {
  /** [count, 2], x and y of each point. The axes have no unit and no meaning of their own. */
  coordinates: Float32Array;
}

/** Let interrupts and displays have their turn this often, in milliseconds. */
const turn = 50;

/**
 * Draw embeddings [count, width] as a 2-D map (UMAP, McInnes 2018): exact cosine neighbours from the engine, the layout by umap-js.
 * The map comes with its trustworthiness and neighbour overlap over the same number of neighbours, so that a pretty picture cannot lie.
 */
export async function layoutMap(
  embeddings: Float32Array,
  count: number,
  width: number,
  options: LayoutOptions = {},
): Promise<EmbeddingLayout> {
  const { seed = 0, minDist = 0.1, epochs, onEpoch, signal } = options;
  const neighbours = options.neighbours ?? Math.min(15, count - 1);
  check(count, neighbours, minDist, epochs);
  const unit = unitRows(embeddings, count, width);
  try {
    signal?.throwIfAborted();
    const umap = new UMAP({
      nNeighbors: neighbours,
      minDist,
      nEpochs: epochs,
      random: randomStream(seed, 'umap').uniform,
    });
    const { indices, distances } = nearestRows(unit, neighbours - 1);
    const k = neighbours - 1;
    const rows = Array.from({ length: count }, (_, row) => row);
    umap.setPrecomputedKNN(
      rows.map((row) => [row, ...indices.subarray(row * k, (row + 1) * k)]),
      rows.map((row) => [0, ...distances.subarray(row * k, (row + 1) * k)]),
    );
    // With neighbours given, umap-js reads nothing of the points but their number.
    const total = umap.initializeFit(rows.map((row) => [row]));
    const coordinates = () => Float32Array.from(umap.getEmbedding().flat());
    let rested = performance.now();
    for (let epoch = 1; epoch <= total; epoch++) {
      umap.step();
      onEpoch?.(epoch, total, coordinates);
      if (performance.now() - rested > turn) {
        await setImmediate();
        rested = performance.now();
      }
      signal?.throwIfAborted();
    }
    const map = coordinates();
    return { coordinates: map, ...mapQuality(unit, map, Math.min(k, Math.floor((count - 1) / 2)), seed) };
  } finally {
    unit.dispose();
  }
}

function check(count: number, neighbours: number, minDist: number, epochs?: number): void {
  if (count < 4) throw new UserError(`layoutMap: got ${count} embeddings, expected at least 4 to draw a map.`);
  if (!Number.isInteger(neighbours) || neighbours < 2 || neighbours >= count) {
    throw wrongOption(
      'neighbours',
      neighbours,
      `a whole number from 2 to ${count - 1}, below the number of embeddings`,
    );
  }
  if (!(minDist >= 0 && minDist <= 1)) throw wrongOption('minDist', minDist, 'a number from 0 to 1');
  if (epochs !== undefined && !(Number.isInteger(epochs) && epochs > 0)) {
    throw wrongOption('epochs', epochs, 'a whole number above 0');
  }
}
