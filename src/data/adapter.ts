import type { Reading } from './catalogue-builder.js';
import type { ColumnMap } from './tables/columns.js';

export interface ReadOptions {
  /** Maps fields to table columns, to correct the guess from the header. Only for adapters with `readsMap`. */
  map?: Partial<ColumnMap>;
  /** Encoding of a text table, such as `windows-1252`. Default what it looks like. */
  encoding?: string;
  /** A folder outside of the data that symbolic links may lead to, such as another disk. Default none. */
  follow?: string;
}

/** Reads one layout of files on disk into products, queries and pairs. */
export interface Adapter {
  /** Whether a file or folder looks like this layout. Must be cheap: reads names and first lines only. */
  recognises(path: string): Promise<boolean>;
  read(path: string, options: ReadOptions): Promise<Reading>;
  /** Whether `read` uses `ReadOptions.map`. */
  readsMap?: boolean;
}
