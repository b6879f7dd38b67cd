import { UserError } from '../checks/error.js';
import { longCall } from '../engine/long-call.js';
import { nearestRows, unitRows } from '../search/nearest.js';

/**
 * The fraction [count] of each row's `k` nearest neighbours that two models share. Measured on the embeddings, so it does not depend on a
 * map.
 * @param before embeddings of one model, [count, width]
 * @param after embeddings of the other model for the same objects in the same order; its width may differ
 * @throws UserError if `k` is not from 1 to count - 1, if the number of values is not count x width, and for a row that is zero or not
 * finite
 */
export async function keptNeighbours(
  before: Float32Array,
  after: Float32Array,
  count: number,
  k = 10,
): Promise<Float32Array> {
  if (k < 1 || k >= count) throw new UserError(`keptNeighbours: got k = ${k}, expected 1 to ${count - 1}.`);
  const [own, other] = await longCall(undefined, async ({ signal, show }) => {
    const near = (embeddings: Float32Array, model: number) =>
      nearOf(embeddings, count, k, signal, (done) =>
        show({ label: 'neighbours', done: model * count + done, total: 2 * count }),
      );
    return [await near(before, 0), await near(after, 1)];
  });
  return Float32Array.from({ length: count }, (_, row) => {
    const known = new Set(own.subarray(row * k, (row + 1) * k));
    return other.subarray(row * k, (row + 1) * k).filter((one) => known.has(one)).length / k;
  });
}

async function nearOf(
  embeddings: Float32Array,
  count: number,
  k: number,
  signal: AbortSignal,
  onProgress: (rows: number) => void,
): Promise<Int32Array> {
  const unit = unitRows(embeddings, count, Math.floor(embeddings.length / count));
  try {
    return (await nearestRows(unit, k, { signal, onProgress })).indices;
  } finally {
    unit.dispose();
  }
}
