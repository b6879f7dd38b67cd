import type { Rank } from '../../search/embeddings.js';
import { taskKind } from '../../tasks/kinds/index.js';
import type { Task } from '../../tasks/task.js';
import type { EvaluateProgress } from '../evaluate.js';
import type { RankedEmbeddings } from '../task-result.js';

/** Which queries and items of a task a system knows, by id; or why it cannot answer the task at all. */
export type Coverage = { asks: ReadonlySet<string>; items: ReadonlySet<string> } | { none: string };

/** The answers of a system to one task. */
export interface SystemAnswers {
  /** By seed, in the order of the queries. A system without seeds has one list. */
  bySeed: Rank[][];
  /** Of the first seed, for maps and cases; absent for a system that ranks without vectors. */
  embeddings?: RankedEmbeddings;
}

export interface SystemProgress {
  onProgress?: (progress: EvaluateProgress) => void;
  signal?: AbortSignal;
}

/** Something that ranks the items of tasks: networks of runs, a file of embeddings of any model, a baseline. */
export interface System {
  name: string;
  /** Seeds of training; empty for a system that has none, such as a file. */
  seeds: readonly number[];
  covers(task: Task): Coverage;
  /**
   * Answer tasks that the system covers, in their order.
   * @throws UserError for an embedding that is zero or not finite; the signal's reason if aborted
   */
  answer(tasks: readonly Task[], progress?: SystemProgress): Promise<SystemAnswers[]>;
  /** Sentences about what was given and not used. */
  notes?: readonly string[];
  dispose?(): void;
}

/** All queries and items of a task. */
export const coversAll = ({ asks, items }: Task): Coverage => ({
  asks: new Set(asks.map(({ id }) => id)),
  items: new Set(items.map(({ id }) => id)),
});

/** Why a system without words of its own cannot answer a task, if it cannot. */
export const whyNot = ({ kind }: Task): { none: string } | undefined =>
  taskKind(kind).rankedBy === 'likelihood' ? { none: 'it writes no answers' } : undefined;
