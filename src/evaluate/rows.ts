import type { Rank } from '../search/embeddings.js';
import type { Answered } from '../tasks/kinds/index.js';
import { expectedRank } from '../tasks/rank-metrics.js';
import type { Task } from '../tasks/task.js';
import type { Row, TaskRanks } from './task-result.js';

/** One row per query and seed. */
export function rowsOf({ name, asks }: Task, main: readonly (readonly Rank[])[], seeds: readonly number[]): Row[] {
  return main.flatMap((ranks, at) =>
    ranks.map((rank, row) => {
      const { id, gold, product, slices } = asks[row];
      const { before, tied, relevant, best, places, value } = answerOf(rank);
      const place = { before, tied, relevant, best, rank: expectedRank(rank), score: rank.similarity, top: rank.top };
      return {
        task: name,
        seed: seeds[at],
        query: id,
        product,
        gold,
        ...place,
        ...(places && { places }),
        ...(value !== undefined && { value }),
        slices,
      };
    }),
  );
}

/** The answers of the controls, reduced to what metrics need. */
export function controlAnswersOf(controls: TaskRanks['controls']): Record<string, Answered[][]> {
  return Object.fromEntries(
    Object.entries(controls).flatMap(([name, ranks]) =>
      'none' in ranks ? [] : [[name, ranks.map((bySeed) => bySeed.map(answerOf))]],
    ),
  );
}

/** An answer reduced to what metrics need. */
export function answerOf({ before, tied, relevant, best, places, value }: Answered): Answered {
  return { before, tied, relevant, best, ...(places && { places }), ...(value !== undefined && { value }) };
}
