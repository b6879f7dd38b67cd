import { wrongOption } from '../checks/error.js';
import * as tf from '../engine/tf.js';
import type { Embeddings } from './embeddings.js';
import { blockRows, readAndDispose } from './top-rows.js';
import { checkSameWidth, unitEmbeddings } from './unit-embeddings.js';

/** A query and the items nearest to it, nearest first, with their cosine similarities. */
export interface NearestItems {
  query: string;
  nearest: { id: string; similarity: number }[];
}

/**
 * The exact `k` nearest items of every query by cosine similarity, block by block on the engine. An item of a query's own id is left
 * out, so that a product is not its own neighbour; of several items of one id the best counts.
 * @param k fewer items than this give all of them
 * @throws UserError for sides of different widths, and naming a row that is all zero or not finite
 */
export function nearestItems(queries: Embeddings, items: Embeddings, k = 10): NearestItems[] {
  if (!(Number.isInteger(k) && k >= 1)) throw wrongOption('k', k, 'an integer of at least 1');
  checkSameWidth(queries, items);
  const [asked, offered] = [unitEmbeddings(queries), unitEmbeddings(items)];
  const counts = new Map<string, number>();
  for (const id of items.ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  // Enough places for k other ids, whatever stands in them several times.
  const places = Math.min(items.ids.length, (k + 1) * most);
  const { width } = items;
  const gallery = tf.tensor2d(offered.vectors, [items.ids.length, width]);
  const rows = blockRows(items.ids.length);
  const found: NearestItems[] = [];
  for (let start = 0; start < queries.ids.length; start += rows) {
    const size = Math.min(rows, queries.ids.length - start);
    const block = asked.vectors.slice(start * width, (start + size) * width);
    const top = tf.tidy(() => {
      const cosines = tf.matMul(tf.tensor2d(block, [size, width]), gallery, false, true);
      return tf.topk(cosines, places);
    });
    const [indices, similarities] = [readAndDispose(top.indices), readAndDispose(top.values)];
    for (let row = 0; row < size; row++) {
      const query = queries.ids[start + row];
      const best = new Map<string, number>();
      for (let at = row * places; at < (row + 1) * places && best.size < k; at++) {
        const id = items.ids[indices[at]];
        if (id !== query && !best.has(id)) best.set(id, similarities[at]);
      }
      found.push({ query, nearest: [...best].map(([id, similarity]) => ({ id, similarity })) });
    }
  }
  gallery.dispose();
  return found;
}
