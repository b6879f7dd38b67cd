import { assert } from '../checks/error.js';
import type { Encoder } from '../encoder/encoder.js';
import { likelihoods } from '../encoder/writing/likelihood.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Rank } from '../search/embeddings.js';
import { inputText } from '../tasks/kinds/rank-by-words.js';
import type { Task } from '../tasks/task.js';
import type { Variant } from './controls.js';
import type { EmbedProgress } from './embed-once.js';

/**
 * Rank the choices of each question by how likely the network writes them as the answer. `similarity` is log p in nats.
 * @param variant the questions and items of a control
 */
export async function rankByLikelihood(
  network: Encoder,
  { asks, items }: Task,
  pixels: Pixels,
  { variant, ...progress }: EmbedProgress & { variant?: Variant },
): Promise<Rank[]> {
  const all = items.map(({ id }) => id);
  const textOf = new Map(items.map(({ id, input }, at) => [id, inputText(variant?.items[at] ?? input)]));
  const choices = asks.map(({ input: own, choices: ids = all }, at) => {
    const input = variant?.queries[at] ?? own;
    assert(input.kind === 'question', 'a network writes answers to questions');
    return { question: input.question, answers: ids.map((id) => textOf.get(id)!) };
  });
  const found = await likelihoods(network, choices, pixels, progress);
  return asks.map(({ id, gold, choices: ids = all }, at) => ({
    query: id,
    gold: gold[0],
    ...rankOf(found[at], ids, new Set(gold)),
  }));
}

/** Number of choices shown. */
const SHOWN = 10;

/** Where the best right choice stands. */
export function rankOf(
  scores: readonly number[],
  ids: readonly string[],
  gold: ReadonlySet<string>,
): Omit<Rank, 'query' | 'gold'> {
  const similarity = Math.max(...scores.filter((_, at) => gold.has(ids[at])));
  const equal = ids.filter((_, at) => scores[at] === similarity);
  const relevant = equal.filter((id) => gold.has(id)).length;
  const order = ids.map((id, at) => ({ id, similarity: scores[at] })).sort((a, b) => b.similarity - a.similarity);
  return {
    before: scores.filter((score) => score > similarity).length,
    tied: equal.length - relevant,
    relevant,
    similarity,
    top: order.slice(0, SHOWN),
    best: order.flatMap((each) => (each.similarity === order[0].similarity ? each.id : [])),
  };
}
