import { UserError, wrongOption } from '../checks/error.js';
import type { Adapter } from '../data/adapter.js';
import type { Reading } from '../data/catalogue-builder.js';
import { summarisedCatalogue } from '../data/catalogue-summary.js';
import type { ColumnMap } from '../data/columns.js';
import type { Catalogue } from '../data/types.js';
import { fashion } from './fashion/adapter.js';
import { grocery } from './grocery/adapter.js';
import { mbe } from './mbe/adapter.js';
import { table } from './table/adapter.js';

/** In the order in which they are asked. */
const adapters: Adapter<OpenOptions>[] = [grocery, fashion, mbe, table];

export interface OpenOptions {
  /** Read the data as this layout instead of recognising it: mbe | fashion | grocery | table. */
  adapter?: string;
  /** Which column holds what, where the guess from the header is wrong; means `table`. */
  map?: Partial<ColumnMap>;
}

/**
 * Read a folder (or a single table) of products: the layout is recognised from its file names and first lines.
 * Bad rows and files do not stop it: each is in `issues`, with file and line.
 * @throws UserError when nothing there can be read as products
 */
export async function openCatalogue(path: string, options: OpenOptions = {}): Promise<Catalogue> {
  return summarisedCatalogue((await readData(path, options)).catalogue);
}

/** `openCatalogue`, with the row that names each image. */
export async function readData(path: string, options: OpenOptions = {}): Promise<Reading> {
  const adapter = await chooseAdapter(path, options);
  try {
    return await adapter.read(path, options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof UserError || !code) throw error;
    throw new UserError(`data: ${JSON.stringify(path)} cannot be read (${(error as Error).message}).`);
  }
}

async function chooseAdapter(path: string, options: OpenOptions): Promise<Adapter<OpenOptions>> {
  const names = adapters.map(({ name }) => name).join(' | ');
  const named = options.adapter ?? (options.map && table.name);
  if (named !== undefined) {
    const adapter = adapters.find(({ name }) => name === named);
    if (!adapter) throw wrongOption('data.adapter', named, `one of ${names}`);
    if (options.map && adapter !== table) throw wrongOption('data.adapter', named, "'table' where a map is given");
    return adapter;
  }
  for (const adapter of adapters) {
    if (await adapter.recognises(path)) return adapter;
  }
  throw new UserError(`data: no products found in ${JSON.stringify(path)}; expected one of the layouts ${names}.`);
}
