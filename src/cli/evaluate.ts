import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openCatalogue } from '../data/open.js';
import type { Catalogue, Split } from '../data/types.js';
import { UserError, wrongOption } from '../engine/check.js';
import { type Evaluation, evaluateTasks } from '../evaluate/evaluate.js';
import { progressBar } from '../notebook/progress.js';
import { readJsonFile } from '../text/json-file.js';
import { readConfig } from '../train/check-config.js';
import type { MoonConfig } from '../train/config.js';
import { preparePixels } from '../train/experiment.js';
import { loadTrained } from '../train/run/checkpoint.js';
import { loadBest } from '../train/run/load-best.js';
import { readManifest } from '../train/run/manifest.js';
import { startNetwork, type Trained } from '../train/trained.js';
import type { Command } from './command.js';
import { evaluationText } from './evaluation-text.js';

const splits: readonly Split[] = ['train', 'dev', 'val', 'test'];

/** `moon-lab evaluate`: networks of finished runs, or an untrained one, by the protocols. */
export const evaluate: Command = {
  usage:
    'evaluate --run RUN [--run RUN2 ...] | --config FILE|BASE [--data PATH] [--split val] [--tasks NAME,...] [--checkpoint best|last|STEP] [--size N] [--no-controls] [--rows FILE] [--json]',
  summary:
    'measure a trained network (several runs: as seeds of one) by every task of its data, with intervals, chance and controls',
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        run: { type: 'string', multiple: true, default: [] },
        config: { type: 'string' },
        data: { type: 'string' },
        split: { type: 'string', default: 'val' },
        tasks: { type: 'string' },
        checkpoint: { type: 'string' },
        size: { type: 'string' },
        'no-controls': { type: 'boolean', default: false },
        rows: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const split = splits.find((each) => each === values.split);
    if (!split) throw wrongOption('--split', values.split, splits.join(' | '));
    const size = values.size === undefined ? undefined : Number(values.size);
    const { catalogue, networks } = await openNetworks(values);
    try {
      const evaluation = await measure(networks, catalogue, {
        split,
        tasks: values.tasks?.split(',').map((name) => name.trim()),
        size,
        controls: !values['no-controls'],
        rows: values.rows !== undefined,
      });
      if (values.rows) await writeFile(values.rows, rowLines(evaluation));
      const tasks = evaluation.tasks.map(({ rows: _, ...task }) => task);
      console.log(values.json ? JSON.stringify({ ...evaluation, tasks }) : evaluationText(evaluation));
    } finally {
      for (const { parameters } of networks) parameters.dispose();
    }
    return 0;
  },
};

/** The networks of the runs, or a new one of the config, and the data. */
async function openNetworks(values: {
  run: string[];
  config?: string;
  data?: string;
  checkpoint?: string;
}): Promise<{ catalogue: Catalogue; networks: Trained[] }> {
  const { run: runs, config, data, checkpoint } = values;
  if (runs.length > 0 === (config !== undefined))
    throw new UserError(
      'evaluate: give either --run RUN, the folder of a run, or --config FILE for a network before training.',
    );
  if (config !== undefined) {
    if (data === undefined) throw wrongOption('--data', data, 'the folder of the data, beside --config');
    const catalogue = await openCatalogue(data);
    return { catalogue, networks: [startNetwork(configOf(config), catalogue)] };
  }
  const catalogue = await openCatalogue(data ?? readManifest(runs[0]).data.path);
  const networks: Trained[] = [];
  try {
    for (const run of runs) networks.push(openRun(run, checkpoint));
    checkAlike(networks, runs);
  } catch (error) {
    for (const { parameters } of networks) parameters.dispose();
    throw error;
  }
  return { catalogue, networks };
}

function openRun(run: string, checkpoint: string | undefined): Trained {
  readManifest(run);
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

function configOf(named: string): MoonConfig {
  return readConfig(existsSync(named) ? readJsonFile(named, 'give a JSON file with a config') : { base: named });
}

async function measure(
  networks: readonly Trained[],
  catalogue: Catalogue,
  options: Parameters<typeof evaluateTasks>[3],
): Promise<Evaluation> {
  const bar = progressBar();
  try {
    const pixels = await preparePixels(networks[0].config, catalogue, {
      onProgress: (done, total, label) => bar.show({ label, done, total }),
    });
    for (const [id, reason] of pixels.missing) console.error(`missing: ${id}: ${reason}`);
    return await evaluateTasks(networks, catalogue, pixels, {
      ...options,
      onProgress: (progress) => bar.show(progress),
    });
  } finally {
    bar.end();
  }
}

function rowLines({ tasks }: Evaluation): string {
  return tasks.flatMap(({ rows = [] }) => rows.map((row) => `${JSON.stringify(row)}\n`)).join('');
}
