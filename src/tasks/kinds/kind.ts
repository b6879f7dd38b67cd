import type { Rank } from '../../search/embeddings.js';
import type { Statistic } from '../../statistics/statistic.js';
import type { Task } from '../task.js';

/** What one query was answered, as metrics see it; of what ties each order is as likely. */
export type Answered = Pick<Rank, 'before' | 'tied' | 'relevant' | 'best' | 'places'>;

/** The ranks of a control that needs no network, or why a task has none. */
export type RanksOrNone = Rank[] | { none: string };

/** How tasks of one kind are measured: all that evaluation, studies and tables know of it. Chance follows (`chanceOf`). */
export interface TaskKind {
  /** As `Task.kind` has it and tables show it. */
  name: string;
  /**
   * The metrics of some answers, each a function of how often every query is drawn, in the order of tables.
   * @param golds ids of what is relevant to every query
   */
  statistics(answers: readonly Answered[], golds: readonly (readonly string[])[]): Record<string, Statistic>;
  /** The one metric that rows of a study are compared on. */
  primary: string;
  /** Metrics that are means over queries, of one query: only these can be tested by flips of a product's mean. */
  perQuery: Record<string, (answer: Answered) => number>;
  /** Metrics that are no fractions, such as a rank: tables of percents leave them out. */
  counted?: readonly string[];
  /** Whether the metrics need the place of every relevant item (`Answered.places`), not of the best alone. */
  everyPlace?: boolean;
  /** Controls that need no network, by name. */
  controls?: Record<string, (task: Task) => RanksOrNone>;
}
