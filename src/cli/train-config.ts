import { UserError, wrongOption } from '../checks/error.js';
import { isRecord } from '../checks/schema.js';
import { applySettings, checkSavedConfig } from '../config/check-config.js';
import type { MoonConfig } from '../config/config.js';
import type { Split } from '../data/types.js';
import { bases, readConfig } from '../datasets/bases.js';
import { spatialOption } from '../negatives/options.js';
import { readJsonFile } from '../store/json-file.js';
import { readManifest } from '../train/run/manifest.js';

/** The values of the flags of `moon-lab train`. */
export interface TrainOptions {
  base?: string;
  /** JSON file. */
  config?: string;
  /** Settings such as `optimizer.steps=100`. */
  set: string[];
  data?: string;
  fold?: number;
  /** Folder of a new run. `run` is the folder of a run to resume. */
  out: string;
  run?: string;
  every?: number;
  score: boolean;
  split: Split;
  tensorboard: boolean;
  /** Forecast the run and stop. */
  dryRun: boolean;
  resume: boolean;
  allow: string[];
  on: 'here' | 'ray';
  workers?: number;
  threads?: number;
  python?: string;
  address?: string;
  /** This process is a worker of several. */
  asWorker: boolean;
  json: boolean;
}

/** The config that another one was changed from, and its name. */
export interface Origin {
  name: string;
  config: MoonConfig;
}

/**
 * The config that the flags describe, and the config that it was changed from.
 * @param was the run to resume, whose config is the default
 */
export function configOf(
  { base, config: file, set }: Pick<TrainOptions, 'base' | 'config' | 'set'>,
  was?: Origin,
): { config: MoonConfig; from: Origin } {
  if (was && base === undefined && file === undefined)
    return { config: applySettings(checkSavedConfig(was.config, was.name), set), from: was };
  const given = file === undefined ? {} : readJsonFile(file, 'give a JSON file such as { "base": "grocery" }');
  if (!isRecord(given)) throw wrongOption('--config', given, 'a record such as { "base": "grocery" }');
  const named = base ?? given.base ?? 'grocery';
  const config = readConfig({ ...given, base: named }, set);
  return { config, from: { name: `base ${named}`, config: bases[named as string] } };
}

const GROUPS = 'negatives.spatial.groups';

/** The config of several workers, each of which is a group of spatial negatives, as in the paper. */
export const withWorkers = (config: MoonConfig, workers: number): MoonConfig =>
  applySettings(config, [`${GROUPS}=${workers}`]);

/**
 * The number of workers of a training on a cluster: as given, or that of the run to resume, or 2.
 * @throws UserError if the config or the run contradicts it
 */
export function workersOf(
  options: Pick<TrainOptions, 'base' | 'config' | 'set' | 'resume' | 'run' | 'out' | 'workers'>,
) {
  const { set, resume, run, out, workers } = options;
  const was = resume ? { name: run ?? out, config: readManifest(run ?? out).config } : undefined;
  const { config } = configOf(options, was);
  const { groups } = spatialOption(config.negatives.spatial);
  if (was && workers !== undefined && workers !== groups)
    throw wrongOption('--workers', workers, `${groups}, the groups of spatial negatives of the run`);
  const own = workers ?? (was ? groups : 2);
  if (set.some((each) => each.startsWith(`${GROUPS}=`)) && groups !== own)
    throw new UserError(
      `--set ${GROUPS}=${groups}: contradicts --workers ${own}, each of which is a group; leave one of them out.`,
    );
  return own;
}
