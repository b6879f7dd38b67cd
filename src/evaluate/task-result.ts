import type { Embeddings, Rank } from '../search/embeddings.js';
import type { Interval } from '../statistics/bootstrap.js';
import type { Answered } from '../tasks/kinds/index.js';
import type { Task } from '../tasks/task.js';
import type { Products } from './seen-products.js';

/** Metric name -> value with a 95% interval. A fraction from 0 to 1, unless the task kind lists it as `counted` (`median rank`, from 1). */
export type Metrics = Record<string, Interval>;

/** The embeddings of a task's queries and items, in their order. */
export interface RankedEmbeddings {
  queries: Embeddings;
  items: Embeddings;
}

/** The result of one task. Plain JSON, except for `embeddings`. */
export interface TaskResult {
  name: string;
  /** For a reader, such as `photo -> product`; absent in evaluations that an earlier version saved. */
  title?: string;
  /** A variation of the task before it, which summaries leave out. */
  isVariant?: boolean;
  kind: Task['kind'];
  /** Content of queries and items, in words. */
  query: string;
  gallery: string;
  /** Whether training has seen the products of the queries, according to the records of the encoders. */
  products: Products;
  /** Number of queries, and number of distinct items in the gallery. */
  n: number;
  items: number;
  /** Chance level by metric. */
  chance: Record<string, number>;
  metrics: Metrics;
  /** Metrics of the controls; null if a control does not apply, with the reason in `reasons`. */
  controls: Record<string, Metrics | null>;
  reasons: Record<string, string>;
  /** Slice -> value -> number of queries and metrics. */
  slices: Record<string, Record<string, { n: number; metrics: Record<string, number> }>>;
  attainable?: Record<string, number>;
  leftOut?: Record<string, number>;
  /** One row per query and seed, if requested. */
  rows?: Row[];
  /** Together with the rows: the answers of every control, by seed, in the order of the queries. */
  controlAnswers?: Record<string, Answered[][]>;
  /** Embeddings of the first encoder, if requested. */
  embeddings?: RankedEmbeddings;
}

/** The fields of a query that metrics need. */
export type Asked = Pick<Row, 'gold' | 'product'>;

/** The answer to one query (see `Rank`) with everything that tables need. */
export interface Row extends Answered {
  task: string;
  /** Seed of the encoder. */
  seed: number;
  query: string;
  product: string;
  gold: string[];
  /** Expected rank of the best correct item, from 1, with ties broken at random. */
  rank: number;
  /** Similarity of the best correct item. */
  score: number;
  top: Rank['top'];
  slices: Record<string, string>;
}

/** The ranks of a task, by seed: for the task itself and for every control. */
export interface TaskRanks {
  main: Rank[][];
  controls: Record<string, Rank[][] | { none: string }>;
}
