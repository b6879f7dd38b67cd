import * as tf from '../engine/tf.js';
import { attributeText, categoryText } from '../moon/sequence.js';
import { bm25 } from '../search/bm25.js';
import type { Rank } from '../search/embeddings.js';
import { GROUP, rankScores } from '../search/rank-scores.js';
import type { Input, Task } from '../tasks/task.js';

/** What a task's control without a network gives, or why there is none. */
export type Answer = Rank[] | { none: string };

/** Queries scored at once. */
const BLOCK = 256;

/** The ranks of BM25 over the text that queries and items show. */
export function rankByWords({ kind, asks, items }: Task): Answer {
  if (kind !== 'retrieval') return { none: 'for retrieval alone' };
  const queries = asks.map(({ input }) => inputText(input));
  const documents = items.map(({ input }) => inputText(input));
  if (!queries.some(Boolean)) return { none: 'the queries hold no text' };
  if (!documents.some(Boolean)) return { none: 'the items hold no text' };
  const scoresOf = bm25(documents);
  const ids = items.map(({ id }) => id);
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  const columns = Math.ceil(ids.length / GROUP) * GROUP;
  const ranks: Rank[] = [];
  for (let start = 0; start < asks.length; start += BLOCK) {
    const block = asks.slice(start, start + BLOCK);
    const scores = new Float32Array(block.length * columns);
    block.forEach((_, at) => void scores.set(scoresOf(queries[start + at]), at * columns));
    const tensor = tf.tensor2d(scores, [block.length, columns]);
    const golds = block.map(({ gold }) => gold.map((id) => rowOf.get(id)!));
    for (const [at, rank] of rankScores(tensor, golds, ids).entries())
      ranks.push({ query: block[at].id, gold: block[at].gold[0], ...rank });
    tensor.dispose();
  }
  return ranks;
}

/** The label that most products for training have, whatever is asked. */
export function rankByMajority({ kind, asks, majority }: Task): Answer {
  if (kind !== 'classification' || majority === undefined) return { none: 'for classification alone' };
  return asks.map(({ id, gold }) => ({
    query: id,
    gold: gold[0],
    before: gold.includes(majority) ? 0 : 1,
    tied: 0,
    relevant: 1,
    similarity: Number(gold.includes(majority)),
    top: [{ id: majority, similarity: 1 }],
    best: [majority],
  }));
}

/** The words that an input shows. */
function inputText(input: Input): string {
  if (input.kind === 'query') return input.query.text ?? '';
  const { product, withhold = [] } = input;
  const attributes = withhold.includes('attributes')
    ? []
    : Object.entries(product.attributes).filter(([name]) => !withhold.includes(`attribute:${name}`));
  return [
    withhold.includes('title') ? '' : product.title,
    withhold.includes('category') ? '' : categoryText(product.category),
    ...attributes.map(([name, values]) => attributeText(name, values)),
  ].join(' ');
}
