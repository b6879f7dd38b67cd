import { UserError } from '../../checks/error.js';
import { countFound } from '../../data/found.js';
import type { Catalogue, Split } from '../../data/types.js';
import { longCall } from '../../engine/long-call.js';
import { randomStream } from '../../engine/random.js';
import type { Rank } from '../../search/embeddings.js';
import { pickVectors } from '../../search/pick-vectors.js';
import type { Task } from '../../tasks/task.js';
import { answerWithoutNetwork, rankTask } from '../answers.js';
import { sharedTask } from '../compare/restrict.js';
import type { Evaluation } from '../evaluate.js';
import { measureTask } from '../measure.js';
import { rowsOf } from '../rows.js';
import type { RankedEmbeddings, TaskRanks } from '../task-result.js';
import type { System, SystemProgress } from './system.js';

export interface EvaluateSystemOptions extends SystemProgress {
  split: Split;
  /** Number of bootstrap samples. Default 2000. */
  draws?: number;
}

/**
 * Evaluate a system that is no network, such as a file of embeddings, on the queries and items that it knows: metrics with intervals, chance, slices,
 * a row per query, and as controls the vectors of its queries shuffled, BM25 and the most frequent label. What training has seen is unknown.
 * @throws UserError if it knows none of the tasks
 */
export async function evaluateSystem(
  system: System,
  catalogue: Catalogue,
  tasks: readonly Task[],
  { split, draws, ...progress }: EvaluateSystemOptions,
): Promise<Evaluation> {
  return longCall(progress.signal, async ({ signal }) => {
    const reasons: string[] = [];
    const known = tasks.flatMap((task) => {
      const found = sharedTask(task, [system]);
      if ('none' in found) reasons.push(`${task.name}: ${found.none[system.name] ?? 'no right item is known'}`);
      return 'none' in found ? [] : [found.task];
    });
    if (!known.length)
      throw new UserError(`${system.name} answers no task of the split ${split}. ${reasons.join('; ')}.`);
    const answers = await system.answer(known, { ...progress, signal });
    return {
      data: catalogue.adapter,
      split,
      seeds: [...system.seeds],
      found: countFound(catalogue),
      missingImages: 0,
      tasks: known.map((task, at) => {
        const { bySeed, embeddings } = answers[at];
        const controls: TaskRanks['controls'] = embeddings
          ? { shuffledQueries: [shuffledQueries(task, embeddings)] }
          : {};
        answerWithoutNetwork({ task, controls });
        const seeds = system.seeds.length ? system.seeds : [0];
        return {
          ...measureTask(task, 'unknown', { main: bySeed, controls }, { draws }),
          rows: rowsOf(task, bySeed, seeds),
          ...(embeddings ? { embeddings } : {}),
        };
      }),
    };
  });
}

/** The task with the vectors of its queries exchanged among them: what the answers owe to anything but the query. */
function shuffledQueries(task: Task, { queries, items }: RankedEmbeddings): Rank[] {
  const order = randomStream(0, 'shuffled-queries').shuffle([...queries.ids.keys()]);
  const vectors = pickVectors(queries.vectors, queries.width, order);
  return rankTask(task, { queries: { ...queries, vectors }, items });
}
