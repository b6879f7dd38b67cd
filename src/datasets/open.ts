import { assert, UserError, wrongOption } from '../checks/error.js';
import type { ReadOptions } from '../data/adapter.js';
import type { Reading } from '../data/catalogue-builder.js';
import { summarisedCatalogue } from '../data/catalogue-summary.js';
import type { Catalogue } from '../data/types.js';
import type { DataSet } from './data-set.js';
import { dataSets } from './index.js';
import { nothingFound } from './nothing-found.js';
import { readStudy } from './study/read-study.js';
import { studyAt } from './study/study-file.js';

export interface OpenOptions extends ReadOptions {
  /** Read the data with the layout of this data set instead of detecting it: mbe | fashion | grocery | table ... */
  adapter?: string;
}

/**
 * Read a folder (or a single table) of products, or the catalogue of a study (`study.json`). The layout is detected from file names and first lines. Bad rows and files do not stop the
 * reading: each is listed in `issues` with file and line.
 * @throws UserError if nothing can be read as products
 * @example
 * ```ts
 * const catalogue = await moon.openCatalogue('shop/products.csv');
 * console.log(catalogue.products[0], catalogue.issues);
 * ```
 */
export async function openCatalogue(path: string, options: OpenOptions = {}): Promise<Catalogue> {
  return summarisedCatalogue((await readData(path, options)).catalogue);
}

/** Like `openCatalogue`, but also returns the row that refers to each image. */
export async function readData(path: string, options: OpenOptions = {}): Promise<Reading> {
  const study = options.adapter === undefined ? studyAt(path) : undefined;
  if (study !== undefined) {
    const given = (['map', 'encoding', 'follow'] as const).find((name) => options[name] !== undefined);
    if (given) throw new UserError(`--${given}: ${study} has its own; change it there.`);
    return readStudy(study, readData);
  }
  const { name, adapter } = await chooseDataSet(path, options);
  try {
    const reading = await adapter.read(path, options);
    assert(reading.catalogue.adapter === name, `${reading.catalogue.adapter} was read by the data set ${name}`);
    return reading;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof UserError || !code) throw error;
    throw new UserError(`data: ${JSON.stringify(path)} cannot be read (${(error as Error).message}).`);
  }
}

/** Choose the data set for a path. If a column map is given, only data sets that use it are considered. */
async function chooseDataSet(path: string, { adapter: named, map }: OpenOptions): Promise<DataSet> {
  const fitting = dataSets().filter(({ adapter }) => !map || adapter.readsMap);
  const names = fitting.map(({ name }) => name).join(' | ');
  if (named !== undefined) {
    const set = fitting.find(({ name }) => name === named);
    if (!set) throw wrongOption('data.adapter', named, `one of ${names}${map ? ' since a map is given' : ''}`);
    return set;
  }
  for (const set of fitting) if (await set.adapter.recognises(path)) return set;
  throw nothingFound(path, names);
}
