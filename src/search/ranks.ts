import { UserError } from '../checks/error.js';
import * as tf from '../engine/tf.js';
import type { Embeddings, Rank } from './embeddings.js';
import { GROUP, rankScores } from './rank-scores.js';
import { checkSameWidth, unitEmbeddings } from './unit-embeddings.js';

/** Number of scores computed together: 128 MiB of floats. */
const BLOCK = 1 << 25;

/**
 * Rank the relevant item of each query among all items by cosine similarity, exactly, with blocked matrix products. Equal similarities are
 * counted as ties. Vectors that do not have unit length are normalised (`unitEmbeddings`).
 * @param gold id of the relevant item of each query, or several ids, of which the best-ranked counts
 * @throws UserError if the widths differ or the number of values is not ids x width; for an embedding that is zero or not finite, a
 * relevant item missing in the gallery, or a query without relevant items
 */
export function rankItems(
  queries: Embeddings,
  gold: readonly (string | readonly string[])[],
  items: Embeddings,
): Rank[] {
  checkSameWidth(queries, items);
  if (gold.length !== queries.ids.length)
    throw new UserError(
      `gold: got ids for ${gold.length} queries, expected one for each of the ${queries.ids.length} queries.`,
    );
  const asking = unitEmbeddings(queries);
  const offered = unitEmbeddings(items);
  const ids = [...new Set(items.ids)];
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  const golds = gold.map((wanted, query) => {
    const relevant = [wanted].flat();
    if (!relevant.length) throw new UserError(`${queries.ids[query]}: the query has no relevant item. Leave it out.`);
    return relevant.map((id) => {
      const row = rowOf.get(id);
      if (row === undefined)
        throw new UserError(
          `${queries.ids[query]}: the relevant item ${id} is not in the gallery. Add it, or leave the query out.`,
        );
      return row;
    });
  });
  const gallery = ids.length === items.ids.length ? galleryOf(offered) : galleryOfBest(offered, rowOf);
  const rows = Math.max(1, Math.min(512, Math.floor(BLOCK / gallery.columns)));
  const { width } = queries;
  const ranks: Rank[] = [];
  for (let start = 0; start < asking.ids.length; start += rows) {
    const end = Math.min(start + rows, asking.ids.length);
    const block = asking.vectors.slice(start * width, end * width);
    const scores = tf.tidy(() => gallery.scores(tf.tensor2d(block, [end - start, width])));
    for (const [at, rank] of rankScores(scores, golds.slice(start, end), ids).entries())
      ranks.push({ query: queries.ids[start + at], gold: [gold[start + at]].flat()[0], ...rank });
    scores.dispose();
  }
  gallery.dispose();
  return ranks;
}

interface Gallery {
  /** Number of items, rounded up to full groups. */
  columns: number;
  /** Scores [queries, columns]. Columns beyond the items have undefined values. */
  scores(queries: tf.Tensor2D): tf.Tensor2D;
  dispose(): void;
}

const fullGroups = (count: number) => Math.ceil(count / GROUP) * GROUP;

function galleryOf({ ids, vectors, width }: Embeddings): Gallery {
  const columns = fullGroups(ids.length);
  const padded = new Float32Array(columns * width);
  padded.set(vectors);
  // Transposed once, because the product is a fifth faster than with a transposed operand.
  const matrix = tf.tidy(() => tf.transpose(tf.tensor2d(padded, [columns, width])) as tf.Tensor2D);
  return { columns, scores: (queries) => tf.matMul(queries, matrix), dispose: () => matrix.dispose() };
}

/** A gallery with several vectors per id. Each id is padded to the same number of vectors with its first one; the best vector counts. */
function galleryOfBest({ ids, vectors, width }: Embeddings, rowOf: ReadonlyMap<string, number>): Gallery {
  const own: number[][] = Array.from(rowOf, () => []);
  ids.forEach((id, at) => void own[rowOf.get(id)!].push(at));
  const depth = own.reduce((max, { length }) => Math.max(max, length), 1);
  const filled = new Float32Array(own.length * depth * width);
  own.forEach((members, row) => {
    for (let at = 0; at < depth; at++) {
      const from = (members[at] ?? members[0]) * width;
      filled.set(vectors.subarray(from, from + width), (row * depth + at) * width);
    }
  });
  const columns = fullGroups(own.length);
  const matrix = tf.tidy(() => tf.transpose(tf.tensor2d(filled, [own.length * depth, width])) as tf.Tensor2D);
  return {
    columns,
    scores(queries) {
      const all = tf.reshape(tf.matMul(queries, matrix), [queries.shape[0], own.length, depth]);
      return tf.pad2d(tf.max(all, 2) as tf.Tensor2D, [
        [0, 0],
        [0, columns - own.length],
      ]);
    },
    dispose: () => matrix.dispose(),
  };
}
