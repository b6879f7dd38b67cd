import * as tf from '../../engine/tf.js';
import { attributeText, categoryText } from '../../moon/sequence.js';
import { bm25 } from '../../search/bm25.js';
import type { Rank } from '../../search/embeddings.js';
import { GROUP, rankScores } from '../../search/rank-scores.js';
import type { Input, Task } from '../task.js';
import type { RanksOrNone } from './kind.js';

/** Number of queries scored together. */
const BLOCK = 256;

/** The BM25 control: ranks by the text of queries and items. */
export function rankByText({ asks, items }: Task): RanksOrNone {
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

/** The text that an input shows. */
export function inputText(input: Input): string {
  if (input.kind === 'query') return input.query.text ?? '';
  if (input.kind === 'question') return input.question.prompt;
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
