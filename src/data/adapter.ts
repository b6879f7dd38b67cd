import type { Reading } from './catalogue-builder.js';
import type { ColumnMap } from './tables/columns.js';

export interface ReadOptions {
  /** Which column of a table holds what, where the guess from the header is wrong. Only for an adapter that `readsMap`. */
  map?: Partial<ColumnMap>;
}

/** One layout of files on disk, turned into products, queries and pairs. */
export interface Adapter {
  /** Does this file or folder look like the layout? Cheap: names and first lines only. */
  recognises(path: string): Promise<boolean>;
  read(path: string, options: ReadOptions): Promise<Reading>;
  /** Whether it understands `ReadOptions.map`. */
  readsMap?: boolean;
}
