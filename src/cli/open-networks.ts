import { existsSync } from 'node:fs';
import { UserError, wrongOption } from '../checks/error.js';
import type { MoonConfig } from '../config/config.js';
import { groupBy } from '../data/group-by.js';
import type { Catalogue } from '../data/types.js';
import { readConfig } from '../datasets/bases.js';
import { foldOf } from '../datasets/folds.js';
import { openCatalogue } from '../datasets/open.js';
import { loadBest, loadTrained, type Which } from '../encoder/checkpoints.js';
import { startNetwork, type Trained } from '../encoder/encoder.js';
import { readJsonFile } from '../store/json-file.js';
import { readManifest } from '../train/run/manifest.js';

/** Seeds of one config that have seen the same products. */
export interface Seeds {
  networks: Trained[];
  /** Product ids of the fold that they have not seen; absent where they have seen all. */
  unseen?: string[];
}

/** Where networks come from: runs, or a config for an untrained one. */
export interface NetworkOptions {
  /** Folders of runs. */
  run: string[];
  /** A file, or the name of a base. */
  config?: string;
  /** Default: where the data of the first run were. */
  data?: string;
  /** A step, or a name; default the best, and the last of a run without scores. */
  checkpoint?: Which;
}

/**
 * The networks of runs by the fold that was left out of them, or a new one of a config, and the data. Dispose their parameters.
 * @throws UserError for runs that are not seeds of one config on the same data
 */
export async function openNetworks({ run: runs, config, data, checkpoint }: NetworkOptions): Promise<{
  catalogue: Catalogue;
  dataPath: string;
  groups: Seeds[];
}> {
  if (config !== undefined) {
    if (data === undefined) throw wrongOption('--data', data, 'the folder of the data, beside --config');
    const catalogue = await openCatalogue(data);
    return { catalogue, dataPath: data, groups: [{ networks: [startNetwork(configOf(config), catalogue)] }] };
  }
  const dataPath = data ?? readManifest(runs[0]).data.path;
  const catalogue = await openCatalogue(dataPath);
  const byFold = [...groupBy(runs, (run) => readManifest(run).data.fold)];
  if (byFold.length > 1 && byFold.some(([fold]) => fold === undefined))
    throw new UserError('--run: got runs with and without a fold left out; evaluate them apart.');
  for (const [, members] of byFold) checkSameData(members);
  const networks: Trained[] = [];
  try {
    const groups = byFold.map(([fold, members]) => {
      const own = members.map((run) => openRun(run, checkpoint));
      networks.push(...own);
      return { networks: own, ...(fold === undefined ? {} : { unseen: foldOf(catalogue, fold) }) };
    });
    checkAlike(
      networks,
      byFold.flatMap(([, members]) => members),
    );
    return { catalogue, dataPath, groups };
  } catch (error) {
    for (const { parameters } of networks) parameters.dispose();
    throw error;
  }
}

const openRun = (run: string, checkpoint: Which | undefined): Trained =>
  checkpoint === undefined ? loadBest(run) : loadTrained(run, checkpoint);

/** Runs that are measured together are seeds of one config. */
function checkAlike(networks: readonly Trained[], runs: readonly string[]): void {
  const withoutSeed = ({ config }: Trained) => JSON.stringify({ ...config, seed: 0 });
  const other = networks.findIndex((network) => withoutSeed(network) !== withoutSeed(networks[0]));
  if (other >= 0)
    throw new UserError(
      `--run: ${runs[other]} has another config than ${runs[0]}, expected seeds of one; evaluate them one by one.`,
    );
}

/** Of one fold, every run is another seed on the same data: the same answers twice would look like certainty. */
function checkSameData(runs: readonly string[]): void {
  const [first, ...others] = runs.map((run) => ({ run, ...readManifest(run) }));
  const seeds = new Map([[first.config.seed, first.run]]);
  for (const { run, data, config } of others) {
    if (data.hash !== first.data.hash)
      throw new UserError(
        `--run: ${run} was trained on other data than ${first.run}, expected seeds on the same; evaluate them one by one.`,
      );
    const twin = seeds.get(config.seed);
    if (twin !== undefined)
      throw new UserError(
        `--run: ${run} has seed ${config.seed} as ${twin} has, expected another seed; leave one out.`,
      );
    seeds.set(config.seed, run);
  }
}

function configOf(named: string): MoonConfig {
  return readConfig(existsSync(named) ? readJsonFile(named, 'name a JSON file with a config') : { base: named });
}
