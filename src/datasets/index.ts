import { UserError } from '../checks/error.js';
import type { MoonConfig } from '../config/config.js';
import { configSummary } from '../config/config-summary.js';
import type { Catalogue } from '../data/types.js';
import { summarisedWithCopies } from '../engine/summary.js';
import type { DataSet } from './data-set.js';
import { fashion } from './fashion/index.js';
import { grocery } from './grocery/index.js';
import { mbe } from './mbe/index.js';
import { shop } from './shop/index.js';
import { table } from './table/index.js';

/**
 * The built-in data sets, in the order in which they are tried on a folder: `table` recognises any table. To add a data set, add a folder
 * with one record and list the record here.
 */
const builtIn: readonly DataSet[] = [grocery, fashion, mbe, shop, table];

const all: DataSet[] = [];

/** The recipes of all data sets: name -> config. */
export const bases: Record<string, MoonConfig> = {};

for (const each of builtIn) all.push(withItsBases(each));

/**
 * Register a data set in this process, for `openCatalogue`, tasks, folds and bases. It is tried on a folder before the existing ones.
 * Trials that a study runs in separate processes do not know it: run such a study with `on: { kind: 'here' }`.
 * @throws UserError if the name of the data set or of a recipe is taken
 * @example
 * ```ts
 * const books: moon.datasets.DataSet = {
 *   name: 'books',
 *   adapter: {
 *     recognises: async (path) => path.endsWith('.books'),
 *     async read(path) {
 *       const builder = await moon.data.startCatalogue('books', path);
 *       builder.add({ id: 'a', title: 'Ruby Tales', category: [], attributes: {}, images: [] }, { file: 'books.txt' });
 *       return builder.finish();
 *     },
 *   },
 *   tasks: moon.tasks.catalogueTasks,
 *   headline: 'retrieval.text',
 *   recipes: {},
 * };
 * moon.addDataSet(books);
 * ```
 */
export function addDataSet(set: DataSet): void {
  all.unshift(withItsBases(set));
}

function withItsBases(set: DataSet): DataSet {
  if (all.some(({ name }) => name === set.name))
    throw new UserError(
      `addDataSet: a data set '${set.name}' already exists. Choose another name, or restart the process or kernel.`,
    );
  const taken = Object.keys(set.recipes).find((name) => Object.hasOwn(bases, name));
  if (taken !== undefined)
    throw new UserError(
      `addDataSet: the recipe '${taken}' of '${set.name}' has the same name as a recipe of '${ownerOf(taken)}'. Choose another name.`,
    );
  for (const [name, config] of Object.entries(set.recipes)) bases[name] = summarisedWithCopies(config, configSummary);
  return set;
}

const ownerOf = (recipe: string) => all.find(({ recipes }) => Object.hasOwn(recipes, recipe))?.name;

/** All data sets, in the order in which they are tried on a folder. */
export function dataSets(): readonly DataSet[] {
  return all;
}

/** The data set of a catalogue. A catalogue made by hand counts as `table`. */
export function dataSetOf({ adapter }: Pick<Catalogue, 'adapter'>): DataSet {
  return all.find(({ name }) => name === adapter) ?? table;
}
