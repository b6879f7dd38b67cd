import { setImmediate } from 'node:timers/promises';
import { longCall } from '../engine/long-call.js';
import { gatherRows } from '../engine/native-ops.js';
import { randomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import type { Embeddings } from '../search/embeddings.js';
import { unitEmbeddings } from '../search/unit-embeddings.js';
import type { EdgeList, Relation } from './edge.js';
import { matchScores, relatedItems } from './model.js';
import { drawNeighbours, neighboursOf } from './neighbours.js';
import type { RelationModel } from './train-relations.js';

/** Items as a relation sees them: the score of a pair is the dot product of its first and its second vector. */
export interface RelatedVectors {
  first: Embeddings;
  second: Embeddings;
}

/** Items computed together, and the most neighbours that one reads; those beyond are drawn once. */
const BATCH = 1024;
const NEIGHBOURS = 64;

/**
 * The vectors of all items under a relation, with their trained neighbours: to rank second items by dot product, in memory or in a vector store.
 * They are not of length 1.
 */
export function relatedVectors(
  { option, weights }: RelationModel,
  content: Embeddings,
  relation: Relation,
  edges: EdgeList,
  signal?: AbortSignal,
): Promise<RelatedVectors> {
  const { ids, vectors, width } = unitEmbeddings(content);
  const count = ids.length;
  const neighbours = neighboursOf(count, relation, edges);
  const stream = randomStream(0, `neighbours ${relation}`);
  const first = new Float32Array(count * width);
  const second = new Float32Array(count * width);
  return longCall(signal, async (call) => {
    const all = tf.tensor2d(vectors, [count, width]);
    try {
      for (let start = 0; start < count; start += BATCH) {
        call.signal.throwIfAborted();
        const rows = Int32Array.from({ length: Math.min(BATCH, count - start) }, (_, at) => start + at);
        tf.tidy(() => {
          const size = [rows.length, NEIGHBOURS] as const;
          const seenAs = (role: keyof typeof neighbours) => {
            const drawn = drawNeighbours(neighbours[role], rows, NEIGHBOURS, stream);
            const near = tf.reshape(gatherRows(all, tf.tensor1d(drawn.items, 'int32')), [...size, width]);
            const [items] = relatedItems(option, weights, relation, {
              own: gatherRows(all, tf.tensor1d(rows, 'int32')),
              near: near as tf.Tensor3D,
              masks: [tf.tensor2d(drawn.mask, [...size])],
            });
            return items.vectors;
          };
          first.set(matchScores(weights, relation, seenAs('first'), tf.eye(width)).dataSync(), start * width);
          second.set(seenAs('second').dataSync(), start * width);
        });
        call.show({ label: 'items', done: start + rows.length, total: count });
        await setImmediate(); // let timers and interrupts run
      }
    } finally {
      all.dispose();
    }
    return { first: { ids, vectors: first, width }, second: { ids, vectors: second, width } };
  });
}

/** The learned factor of each edge, seen from its first item; 1 where all are equal. */
export function edgeFactors(
  { option, weights }: RelationModel,
  content: Embeddings,
  relation: Relation,
  { from, to }: EdgeList,
): Float32Array {
  const { ids, vectors, width } = unitEmbeddings(content);
  const factors = new Float32Array(from.length);
  for (let start = 0; start < from.length; start += BATCH) {
    const own = tf.tidy(() => {
      const all = tf.tensor2d(vectors, [ids.length, width]);
      const rowsOf = (ends: Int32Array) => gatherRows(all, tf.tensor1d(ends.slice(start, start + BATCH), 'int32'));
      const [first, second] = [rowsOf(from), rowsOf(to)];
      const near = tf.expandDims(second, 1) as tf.Tensor3D;
      const mask = tf.ones([first.shape[0], 1]) as tf.Tensor2D;
      const [items] = relatedItems(option, weights, relation, { own: first, near, masks: [mask] });
      return items.factors.dataSync<'float32'>();
    });
    factors.set(own, start);
  }
  return factors;
}
