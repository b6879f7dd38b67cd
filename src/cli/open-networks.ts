import { existsSync } from 'node:fs';
import { UserError, wrongOption } from '../checks/error.js';
import type { MoonConfig } from '../config/config.js';
import { groupBy } from '../data/group-by.js';
import type { Catalogue } from '../data/types.js';
import { readConfig } from '../datasets/bases.js';
import { foldOf } from '../datasets/folds.js';
import { openCatalogue } from '../datasets/open.js';
import { loadBest, loadTrained } from '../encoder/checkpoints.js';
import { startNetwork, type Trained } from '../encoder/encoder.js';
import { readJsonFile } from '../store/json-file.js';
import { readManifest } from '../train/run/manifest.js';

/** Seeds of one config that have seen the same products. */
export interface Seeds {
  networks: Trained[];
  /** Product ids of the fold that they have not seen; absent where they have seen all. */
  unseen?: string[];
}

/**
 * The networks of runs by the fold that was left out of them, or a new one of a config, and the data. Dispose their parameters.
 * @throws UserError for runs that are not seeds of one config on the same data
 */
export async function openNetworks(values: {
  run: string[];
  config?: string;
  data?: string;
  checkpoint?: string;
}): Promise<{ catalogue: Catalogue; groups: Seeds[] }> {
  const { run: runs, config, data, checkpoint } = values;
  if (runs.length > 0 === (config !== undefined))
    throw new UserError(
      'evaluate: give either --run RUN, the folder of a run, or --config FILE for a network before training.',
    );
  if (config !== undefined) {
    if (data === undefined) throw wrongOption('--data', data, 'the folder of the data, beside --config');
    const catalogue = await openCatalogue(data);
    return { catalogue, groups: [{ networks: [startNetwork(configOf(config), catalogue)] }] };
  }
  const catalogue = await openCatalogue(data ?? readManifest(runs[0]).data.path);
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
    return { catalogue, groups };
  } catch (error) {
    for (const { parameters } of networks) parameters.dispose();
    throw error;
  }
}

function openRun(run: string, checkpoint: string | undefined): Trained {
  if (checkpoint === undefined) return loadBest(run);
  if (checkpoint === 'best' || checkpoint === 'last') return loadTrained(run, checkpoint);
  const step = Number(checkpoint);
  if (!Number.isInteger(step)) throw wrongOption('--checkpoint', checkpoint, 'best | last | a step');
  return loadTrained(run, step);
}

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
  return readConfig(existsSync(named) ? readJsonFile(named, 'give a JSON file with a config') : { base: named });
}
