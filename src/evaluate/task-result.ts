import type { Embeddings, Rank } from '../search/embeddings.js';
import type { Interval } from '../statistics/bootstrap.js';
import type { Answered } from '../tasks/kinds/index.js';
import type { Task } from '../tasks/task.js';
import type { Products } from './seen-products.js';

/** Metric name -> what it is, with a 95% interval: a fraction from 0 to 1, unless its kind counts it (`median rank`, from 1). */
export type Metrics = Record<string, Interval>;

/** What was ranked: the embeddings of a task's queries and of its items, in their order. */
export interface RankedEmbeddings {
  queries: Embeddings;
  items: Embeddings;
}

/** One row of a table of results; plain JSON, but for `embeddings`. */
export interface TaskResult {
  name: string;
  /** For a reader, such as `photo -> product`; absent in evaluations that an earlier version saved. */
  title?: string;
  /** A variation of the task before it, which summaries leave out. */
  isVariant?: boolean;
  kind: Task['kind'];
  /** What queries and items hold. */
  query: string;
  gallery: string;
  /** Whether training has seen the products of its queries, by what the networks say that they were trained on. */
  products: Products;
  /** Queries, and what they are ranked among. */
  n: number;
  items: number;
  /** What embeddings without information score, by metric. */
  chance: Record<string, number>;
  metrics: Metrics;
  /** The same metrics with less to go by, or without the network; null where there is no such control, and why in `reasons`. */
  controls: Record<string, Metrics | null>;
  reasons: Record<string, string>;
  /** Slice -> value -> queries and metrics. */
  slices: Record<string, Record<string, { n: number; metrics: Record<string, number> }>>;
  attainable?: Record<string, number>;
  leftOut?: Record<string, number>;
  /** One a query and seed, on request. */
  rows?: Row[];
  /** Beside the rows, what every control answered: by seed, in the order of the queries. */
  controlAnswers?: Record<string, Answered[][]>;
  /** Of the first network, on request. */
  embeddings?: RankedEmbeddings;
}

/** A query as its metrics see it. */
export type Asked = Pick<Row, 'gold' | 'product'>;

/** How one query fared: what came before, tied, and was named best (see `Rank`), in words that a table needs. */
export interface Row extends Answered {
  task: string;
  /** Seed of the network that answered. */
  seed: number;
  query: string;
  product: string;
  gold: string[];
  /** Expected rank of the best right item, from 1; ties broken at random. */
  rank: number;
  /** Similarity of the best right item. */
  score: number;
  top: Rank['top'];
  slices: Record<string, string>;
}

/** Ranks of a task: by seed of the network, for the task itself and for every control. */
export interface TaskRanks {
  main: Rank[][];
  controls: Record<string, Rank[][] | { none: string }>;
}
