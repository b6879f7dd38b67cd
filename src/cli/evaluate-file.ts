import { countFound } from '../data/found.js';
import type { Catalogue, Split } from '../data/types.js';
import { openCatalogue } from '../datasets/open.js';
import type { Encoder } from '../encoder/encoder.js';
import { preparePixels } from '../encoder/prepare.js';
import { startEngine } from '../engine/engine.js';
import { compareSystems } from '../evaluate/compare/compare.js';
import { comparisonText } from '../evaluate/compare/comparison-text.js';
import { rowLines, withoutRows } from '../evaluate/saved-evaluation.js';
import { evaluationText } from '../evaluate/summary/evaluation-text.js';
import { summaryText } from '../evaluate/summary/summary-text.js';
import { baselineOf } from '../evaluate/systems/baselines.js';
import { evaluateSystem } from '../evaluate/systems/evaluate-system.js';
import { networkSystem } from '../evaluate/systems/network-system.js';
import type { System } from '../evaluate/systems/system.js';
import { progressBar } from '../notebook/progress.js';
import type { Task } from '../tasks/task.js';
import { comparedTasks } from './compared-tasks.js';
import { openSystem } from './open-systems.js';
import { writeOutput } from './places.js';
import { foundPrinter } from './print-found.js';

interface FileOptions {
  embeddings: string;
  queries?: string;
  baseline: string[];
  data?: string;
  split: Split;
  tasks?: string[];
  rows?: string;
  json: boolean;
  verbose: boolean;
}

/** Evaluate vectors of any model and print a table, then its comparison with baselines. @throws UserError for a file or data that do not fit */
export async function evaluateFile(options: FileOptions): Promise<void> {
  const { embeddings, queries, data, split, tasks: wanted, rows, json, verbose } = options;
  const catalogue = await openCatalogue(data!);
  const tasks = comparedTasks(catalogue, split, wanted);
  await startEngine();
  const say = json ? console.error : console.log;
  foundPrinter(say)(countFound(catalogue));
  const system = await openSystem({ file: embeddings }, catalogue, { tasks: wanted, queries });
  for (const note of system.notes ?? []) say(note);
  const evaluation = await evaluateSystem(system, catalogue, tasks, { split });
  if (rows !== undefined) writeOutput(rows, rowLines(evaluation));
  if (json) console.log(JSON.stringify(withoutRows(evaluation)));
  else console.log(verbose ? evaluationText(evaluation) : summaryText(evaluation, { all: true }));
  if (options.baseline.length) await compareWith(system, catalogue, tasks, options.baseline);
}

/** Print the comparison of networks with baselines on the same queries. */
export async function compareWithBaselines(
  networks: readonly Encoder[],
  catalogue: Catalogue,
  { baseline, split, tasks }: Pick<FileOptions, 'baseline' | 'split' | 'tasks'>,
): Promise<void> {
  const pixels = await preparePixels(networks[0].config, catalogue);
  const system = networkSystem('this network', networks, pixels);
  await compareWith(system, catalogue, comparedTasks(catalogue, split, tasks), baseline);
}

async function compareWith(
  system: System,
  catalogue: Catalogue,
  tasks: readonly Task[],
  baseline: readonly string[],
): Promise<void> {
  const bar = progressBar();
  const systems = [system];
  try {
    for (const name of baseline) systems.push(await baselineOf(name).open(catalogue, { onProgress: bar.show }));
    const comparison = await compareSystems(systems, tasks, { onProgress: bar.show });
    bar.end();
    console.log(`\n${comparisonText(comparison)}`);
  } finally {
    bar.end();
  }
}
