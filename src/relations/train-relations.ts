import { UserError } from '../checks/error.js';
import type { Filled } from '../checks/schema.js';
import { groupBy } from '../data/group-by.js';
import type { Weights } from '../engine/flat-weights.js';
import { type RandomStream, randomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import type { Embeddings } from '../search/embeddings.js';
import { unitEmbeddings } from '../search/unit-embeddings.js';
import { trainWeights } from '../train/train-weights.js';
import { type EdgeList, type Edges, relations } from './edge.js';
import { initRelations } from './model.js';
import { drawNeighbours, type Neighbours, type NeighboursByRole, neighboursOf } from './neighbours.js';
import { type RelationOption, relationOption } from './option.js';
import { type RelationBatch, relationLoss } from './relation-loss.js';

/** A trained model of relations. The caller frees its weights. */
export interface RelationModel {
  option: Filled<RelationOption>;
  weights: Weights;
}

export interface RelationTraining {
  seed?: number;
  onStep?: (step: number, loss: number) => void;
  signal?: AbortSignal;
}

/**
 * Learn which items replace and which complement each other from edges between them (after MMSC, arXiv 2507.22268; the equations are ours): contents
 * stay as they are; what is learned is which edges to trust, how much neighbours say beside the content, and which contents match.
 * @param content vectors of all items, whose rows the edges name
 * @throws UserError for too few edges, an edge beyond the items, or a vector that is zero or not finite
 * @example
 * ```ts
 * const content = { ids: ['cup', 'saucer', 'mug'], vectors: Float32Array.of(1, 0, 0.9, 0.1, 0.8, -0.2), width: 2 };
 * const edges = { complement: moon.relations.edgeList([[0, 1], [2, 1]]), substitute: moon.relations.edgeList([[0, 2], [2, 0]]) };
 * const model = await moon.relations.trainRelations(content, edges, { steps: 10, batch: 2 });
 * ```
 */
export async function trainRelations(
  content: Embeddings,
  edges: Edges,
  given: RelationOption = {},
  { seed = 1, onStep, signal }: RelationTraining = {},
): Promise<RelationModel> {
  const option = relationOption(given);
  const { ids, vectors, width } = unitEmbeddings(content);
  checkEdges(edges, ids.length);
  const stream = randomStream(seed, 'relations');
  const shape = { edges: option.edges, fusion: option.fusion, hidden: option.hidden };
  const start = initRelations(width, shape, stream.child('init'));
  const all = tf.tensor2d(vectors, [ids.length, width]);
  const kinds = relations.map((relation) => ({
    relation,
    next: batches(edges[relation], neighboursOf(ids.length, relation, edges[relation]), option, stream.child(relation)),
  }));
  try {
    const weights = await trainWeights({
      name: 'relation step',
      captures: option,
      weights: start,
      loss: (weights, batch: RelationBatch, kind: (typeof relations)[number]) =>
        relationLoss(option, weights, batch, kind),
      batchOf(step) {
        const { relation, next } = kinds[step % kinds.length];
        return { tensors: { content: tf.clone(all), ...next() }, kind: relation };
      },
      steps: option.steps,
      rate: option.rate,
      onStep,
      signal,
    });
    return { option, weights };
  } finally {
    tf.dispose([start, all]);
  }
}

function checkEdges(edges: Edges, items: number): void {
  for (const relation of relations) {
    const { from, to } = edges[relation];
    if (from.length < 2)
      throw new UserError(`${relation}: got ${from.length} edges, expected at least two. Leave it out, or add edges.`);
    for (const ends of [from, to]) {
      const wrong = ends.find((row) => row < 0 || row >= items);
      if (wrong !== undefined)
        throw new UserError(`${relation}: an edge names item ${wrong}, expected rows from 0 to ${items - 1}.`);
    }
  }
}

/** Batches of edges, in a new order for every pass. */
function batches(
  { from, to }: EdgeList,
  neighbours: NeighboursByRole,
  { batch: most, neighbours: size, views, drop, alone }: Filled<RelationOption>,
  stream: RandomStream,
): () => Omit<RelationBatch, 'content'> {
  const count = Math.min(most, from.length);
  const order = Int32Array.from(from.keys());
  let at = order.length;
  const shuffle = () => {
    for (let left = order.length - 1; left > 0; left--) {
      const other = stream.integer(left + 1);
      [order[left], order[other]] = [order[other], order[left]];
    }
    at = 0;
  };
  return () => {
    if (at + count > order.length) shuffle();
    const own = order.subarray(at, at + count);
    at += count;
    const [firsts, seconds] = [from, to].map((ends) => own.map((edge) => ends[edge]));
    // What is to be predicted is no neighbour.
    const drawnFor = (role: keyof NeighboursByRole, items: Int32Array, answers: Int32Array) => {
      const drawn = drawNeighbours(neighbours[role], items, size, stream, answers);
      for (let row = 0; row < count; row++)
        if (stream.uniform() < alone) drawn.mask.fill(0, row * size, (row + 1) * size);
      return drawn;
    };
    const first = drawnFor('first', firsts, seconds);
    const second = drawnFor('second', seconds, firsts);
    const view = () => first.mask.map((real) => Number(real && stream.uniform() >= drop));
    const both = (of: (drawn: typeof first) => Int32Array | Float32Array) => [...of(first), ...of(second)];
    const tensors = {
      from: tf.tensor1d(firsts, 'int32'),
      to: tf.tensor1d(seconds, 'int32'),
      known: tf.tensor2d(knownPairs(neighbours.first, firsts, seconds), [count, count]),
      near: tf.tensor1d(
        both(({ items }) => items),
        'int32',
      ),
      mask: tf.tensor2d(
        both(({ mask }) => mask),
        [2 * count, size],
      ),
    };
    if (!views) return tensors;
    const [one, other] = [view(), view()].map((values) => tf.tensor2d(values, [count, size]));
    return { ...tensors, one, other };
  };
}

/** 1 where a second item is a neighbour of a first one: [firsts, seconds]. */
function knownPairs({ starts, items }: Neighbours, firsts: Int32Array, seconds: Int32Array): Float32Array {
  const columns = groupBy(seconds.keys(), (at) => seconds[at]);
  const known = new Float32Array(firsts.length * seconds.length);
  for (const [row, first] of firsts.entries())
    for (let at = starts[first]; at < starts[first + 1]; at++)
      for (const column of columns.get(items[at]) ?? []) known[row * seconds.length + column] = 1;
  return known;
}
