import type { Reading } from './catalogue-builder.js';

/** One layout of files on disk, turned into products, queries and pairs. */
export interface Adapter<Options = unknown> {
  name: string;
  /** Does this file or folder look like the layout? Cheap: names and first lines only. */
  recognises(path: string): Promise<boolean>;
  read(path: string, options: Options): Promise<Reading>;
}
