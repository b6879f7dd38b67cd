import type { Rank } from '../../search/embeddings.js';
import type { Statistic } from '../../statistics/statistic.js';
import type { Task } from '../task.js';

/** The answer to one query, as metrics see it. All orders of tied items are equally likely. */
export type Answered = Pick<Rank, 'before' | 'tied' | 'relevant' | 'best' | 'places' | 'value' | 'values'>;

/** The ranks of a control that needs no model, or the reason why a task has none. */
export type RanksOrNone = Rank[] | { none: string };

/**
 * How tasks of one kind are measured: everything that evaluation, studies and tables need. The chance level is derived (see `chanceOf`).
 */
export interface TaskKind {
  /** Unique name, used in `Task.kind` and shown in tables. */
  name: string;
  /**
   * The metrics of a set of answers, in the order of tables. Each is a function of how often every query is drawn by the bootstrap.
   * @param golds ids of the relevant items of every query
   */
  statistics(answers: readonly Answered[], golds: readonly (readonly string[])[]): Record<string, Statistic>;
  /** The metric on which the rows of a study are compared. */
  primary: string;
  /** Metrics that are means over queries, as functions of one answer. Only these can be tested by sign flips. */
  perQuery: Record<string, (answer: Answered) => number>;
  /** Metrics that are not fractions, such as a rank. Tables of percentages leave them out. */
  counted?: readonly string[];
  /** How a network ranks the items of a query. Default by embeddings; or by how likely it is to write each as the answer. */
  rankedBy?: 'embeddings' | 'likelihood';
  /**
   * What the metrics need beside the best relevant item: the position of every relevant one (`Answered.places`); or as `Answered.value` its cosine
   * above the mean of the others (`margin`), or 1 minus its cosine (`distance`).
   */
  reads?: 'places' | 'margin' | 'distance';
  /** Controls that need no model, by name. */
  controls?: Record<string, (task: Task) => RanksOrNone>;
}
