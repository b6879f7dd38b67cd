import { existsSync } from 'node:fs';
import { UserError, wrongOption } from '../checks/error.js';
import type { MoonConfig } from '../config/config.js';
import { groupBy } from '../data/group-by.js';
import type { Catalogue } from '../data/types.js';
import { bases, readConfig } from '../datasets/bases.js';
import { foldOf } from '../datasets/folds.js';
import { openCatalogue } from '../datasets/open.js';
import { loadBest, loadEncoder, type Which } from '../encoder/checkpoints.js';
import type { Encoder } from '../encoder/encoder.js';
import { startNetwork } from '../encoder/start-network.js';
import { startEngine } from '../engine/engine.js';
import { readJsonFile } from '../store/json-file.js';
import { readManifest } from '../train/run/manifest.js';

/** Networks of one config with different seeds, trained on the same products. */
export interface Seeds {
  networks: Encoder[];
  /** Product ids of the held-out fold; absent if they were trained on all products. */
  unseen?: string[];
}

/** Where networks come from: finished runs, or a config for an untrained network. */
export interface NetworkOptions {
  /** Folders of runs. */
  run: string[];
  /** A file, or the name of a base. */
  config?: string;
  /** Default: the data path of the first run. */
  data?: string;
  /** A step, `best` or `last`. Default: the best, or the last if the run has no scores. */
  checkpoint?: Which;
}

/** The data that networks are opened with: as given, which `config` needs, or those of the first run. */
export const dataPathOf = ({ run: [first], data }: NetworkOptions): string => data ?? dataOfRun(first);

/** The data of a run, as its manifest names them. @throws UserError if they are not there */
export function dataOfRun(run: string): string {
  const { path } = readManifest(run).data;
  if (existsSync(path)) return path;
  throw new UserError(`${run}: its data ${JSON.stringify(path)} are not there; name their place with --data.`);
}

/**
 * Open the networks of runs, grouped by held-out fold, or a new network from a config, and the data. Dispose the parameters of all networks.
 * @throws UserError for runs that are not seeds of one config on the same data
 */
export async function openNetworks(options: NetworkOptions): Promise<{
  catalogue: Catalogue;
  groups: Seeds[];
}> {
  const catalogue = await openCatalogue(dataPathOf(options));
  const { run: runs, config, checkpoint } = options;
  if (config !== undefined) {
    await startEngine();
    return { catalogue, groups: [{ networks: [startNetwork(configOf(config), catalogue)] }] };
  }
  const byFold = [...groupBy(runs, (run) => readManifest(run).data.fold)];
  if (byFold.length > 1 && byFold.some(([fold]) => fold === undefined))
    throw new UserError('--run: got runs with and without a held-out fold; evaluate them separately.');
  for (const [, members] of byFold) checkSameData(members);
  await startEngine();
  const networks: Encoder[] = [];
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

/**
 * Open the networks of runs that are seeds of one config on the same data. Dispose their parameters.
 * @throws UserError for runs that are not, or that held out a fold
 */
export function openSeeds(runs: readonly string[]): Encoder[] {
  checkSameData(runs);
  const folded = runs.find((run) => readManifest(run).data.fold !== undefined);
  if (folded !== undefined)
    throw new UserError(`${folded}: was trained without a fold of the products; measure it with moon-lab evaluate.`);
  const networks: Encoder[] = [];
  try {
    for (const run of runs) networks.push(openRun(run, undefined));
    checkAlike(networks, runs);
    return networks;
  } catch (error) {
    for (const { parameters } of networks) parameters.dispose();
    throw error;
  }
}

const openRun = (run: string, checkpoint: Which | undefined): Encoder =>
  checkpoint === undefined ? loadBest(run) : loadEncoder(run, checkpoint);

/** Runs that are evaluated together must be seeds of one config. */
function checkAlike(networks: readonly Encoder[], runs: readonly string[]): void {
  const withoutSeed = ({ config }: Encoder) => JSON.stringify({ ...config, seed: 0 });
  const other = networks.findIndex((network) => withoutSeed(network) !== withoutSeed(networks[0]));
  if (other >= 0)
    throw new UserError(
      `--run: ${runs[other]} has a different config from ${runs[0]}, expected seeds of one config; evaluate them separately.`,
    );
}

/** Runs of one fold must be different seeds on the same data: counting a run twice would make intervals too narrow. */
function checkSameData(runs: readonly string[]): void {
  const [first, ...others] = runs.map((run) => ({ run, ...readManifest(run) }));
  const seeds = new Map([[first.config.seed, first.run]]);
  for (const { run, data, config } of others) {
    if (data.hash !== first.data.hash)
      throw new UserError(
        `--run: ${run} was trained on other data than ${first.run}, expected seeds on the same data; evaluate them separately.`,
      );
    const twin = seeds.get(config.seed);
    if (twin !== undefined)
      throw new UserError(
        `--run: ${run} and ${twin} both have seed ${config.seed}, expected different seeds; leave one of them out.`,
      );
    seeds.set(config.seed, run);
  }
}

function configOf(named: string): MoonConfig {
  if (existsSync(named)) return readConfig(readJsonFile(named, 'name a JSON file with a config'));
  const known = Object.keys(bases);
  if (!known.includes(named)) throw wrongOption('--config', named, `an existing file, or one of ${known.join(' | ')}`);
  return readConfig({ base: named });
}
