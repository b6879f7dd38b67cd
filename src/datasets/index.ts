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

/** A new data set is a folder with one record, and its name here. They are tried on a folder in this order: `table` knows any CSV. */
const builtIn: readonly DataSet[] = [grocery, fashion, mbe, table, shop];

const all: DataSet[] = [];

/** Configs by name: the recipes of all data sets. */
export const bases: Record<string, MoonConfig> = {};

for (const each of builtIn) all.push(withItsBases(each));

/**
 * Make a data set known to this process: `openCatalogue`, tasks, folds and bases find it then. It is tried on a folder before those that
 * are there. Trials of a study in processes of their own do not know it: run such a study with `on: { kind: 'here' }`.
 * @throws UserError for a name, of it or of a recipe, that is taken
 */
export function addDataSet(set: DataSet): void {
  all.unshift(withItsBases(set));
}

function withItsBases(set: DataSet): DataSet {
  if (all.some(({ name }) => name === set.name))
    throw new UserError(
      `addDataSet: there is a data set '${set.name}' already; choose another name, or start the process or kernel again.`,
    );
  const taken = Object.keys(set.recipes).find((name) => Object.hasOwn(bases, name));
  if (taken !== undefined)
    throw new UserError(
      `addDataSet: '${set.name}' has a recipe '${taken}', the name of a recipe of '${ownerOf(taken)}'; choose another name.`,
    );
  for (const [name, config] of Object.entries(set.recipes)) bases[name] = summarisedWithCopies(config, configSummary);
  return set;
}

const ownerOf = (recipe: string) => all.find(({ recipes }) => Object.hasOwn(recipes, recipe))?.name;

/** In the order in which they are asked whether they know a folder. */
export function dataSets(): readonly DataSet[] {
  return all;
}

/** The data set that a catalogue is of; one that was made by hand counts as a table. */
export function dataSetOf({ adapter }: Pick<Catalogue, 'adapter'>): DataSet {
  return all.find(({ name }) => name === adapter) ?? table;
}
