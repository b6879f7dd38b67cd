import type { MoonConfig } from '../config/config.js';
import type { Adapter } from '../data/adapter.js';
import type { Catalogue, ProductImage, Split } from '../data/types.js';
import type { Aliases } from '../tasks/aliases.js';
import type { Protocol } from '../tasks/task.js';

/** The figures of another method, measured elsewhere: shown beside results on the very same queries and items, and nowhere else. */
export interface Rival {
  name: string;
  task: string;
  split: Split;
  /** Queries and items that it was measured on. */
  n: number;
  items: number;
  /** As fractions. */
  metrics: Record<string, number>;
  /** Who measured it, and how. */
  source: string;
}

/** Everything about a data set in one record: its adapter, its tasks, and the configs tuned on it. */
export interface DataSet {
  /** Lower-case and unique. Also the `adapter` of the catalogues that it reads or generates. */
  name: string;
  adapter: Adapter;
  tasks: Protocol;
  /** Name of the task by which models are compared. */
  headline: string;
  /** Names of the tasks that a summary shows beside the headline. Left out: the first ones. */
  highlights?: readonly string[];
  /** What other methods reach on the headline. */
  rivals?: readonly Rival[];
  /** Name -> config. Names are unique among all data sets; a config file refers to them by `base`. */
  recipes: Record<string, MoonConfig>;
  /**
   * Product ids in folds for cross-validation over unseen products: one training per fold leaves its products out. Omit if the data set has
   * no folds.
   */
  folds?: (catalogue: Catalogue) => string[][];
  /** Synonyms of labels, which are masked together with the labels. */
  aliases?: Aliases;
  /**
   * For generated data: makes a catalogue from a record of options.
   * @throws UserError for a wrong option
   */
  generate?: (options: object) => Catalogue;
  /** For generated data: further views of a product, drawn anew. */
  redraw?: (catalogue: Catalogue, product: string, count: number) => ProductImage[];
}
