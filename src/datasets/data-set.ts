import type { MoonConfig } from '../config/config.js';
import type { Adapter } from '../data/adapter.js';
import type { Catalogue, Split } from '../data/types.js';
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

/** All that there is to a data set, in one record: how it is read, what is asked of it, and the configs that were tuned on it. */
export interface DataSet {
  /** Lower-case, unique; also the `adapter` of the catalogues that it reads or generates. */
  name: string;
  adapter: Adapter;
  tasks: Protocol;
  /** Name of the one task by which networks are compared. */
  headline: string;
  /** Names of the tasks that a summary shows beside the headline. Left out: the first ones. */
  highlights?: readonly string[];
  /** What other methods reach on the headline. */
  rivals?: readonly Rival[];
  /** Configs by a name that is unique among all data sets: what `base` of a config file may say. */
  recipes: Record<string, MoonConfig>;
  /** Product ids in folds, each left out of a training of its own (unseen products). Left out: the data set has no folds. */
  folds?: (catalogue: Catalogue) => string[][];
  /** Other words for its labels, masked with them. */
  aliases?: Aliases;
  /** Makes a catalogue from a record of options, for data that are generated. @throws UserError for a wrong option */
  generate?: (options: object) => Catalogue;
}
