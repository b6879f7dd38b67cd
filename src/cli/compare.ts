import { existsSync } from 'node:fs';
import { UserError } from '../checks/error.js';
import { countFound } from '../data/found.js';
import type { Split } from '../data/types.js';
import { openCatalogue } from '../datasets/open.js';
import { preparePixels } from '../encoder/prepare.js';
import { startEngine } from '../engine/engine.js';
import { compareSystems } from '../evaluate/compare/compare.js';
import { comparisonPage } from '../evaluate/compare/comparison-page.js';
import { comparisonJson, comparisonText } from '../evaluate/compare/comparison-text.js';
import type { System } from '../evaluate/systems/system.js';
import { writePage } from '../figures/page/write-page.js';
import { progressBar } from '../notebook/progress.js';
import { DEFAULT_AUGMENT } from '../pictures/augment-option.js';
import { queriesBeside } from '../search/files/embedding-file.js';
import { comparedTasks } from './compared-tasks.js';
import { dataOfRun } from './open-networks.js';
import { openSystem, type SystemSource, systemSource } from './open-systems.js';
import { foundPrinter } from './print-found.js';

export interface CompareOptions {
  systems: string[];
  data?: string;
  split: Split;
  tasks?: string[];
  /** Vectors of the queries, for files that have none beside them. */
  queries?: string;
  html?: string;
  json: boolean;
}

/** Compare systems and print a table a task. @throws UserError for names that are no system, or if no task can be compared */
export async function runComparison({
  systems: given,
  data,
  split,
  tasks: wanted,
  queries,
  html,
  json,
}: CompareOptions): Promise<void> {
  const sources = given.map(systemSource);
  const catalogue = await openCatalogue(data ?? dataOf(sources));
  const tasks = comparedTasks(catalogue, split, wanted);
  await startEngine();
  const say = json ? console.error : console.log;
  foundPrinter(say)(countFound(catalogue));
  const bar = progressBar();
  const onProgress = bar.show;
  const systems: System[] = [];
  try {
    for (const source of sources) {
      const hasOwn = 'file' in source && existsSync(queriesBeside(source.file));
      const options = { tasks: wanted, queries: hasOwn ? undefined : queries, onProgress };
      systems.push(await openSystem(source, catalogue, options));
    }
    const comparison = await compareSystems(systems, tasks, { onProgress });
    bar.end();
    for (const { notes = [] } of systems) for (const note of notes) say(note);
    if (!comparison.tasks.length) throw nothingCompared(comparison.skipped);
    console.log(json ? JSON.stringify(comparisonJson(comparison)) : comparisonText(comparison));
    if (html !== undefined) {
      const shown = await preparePixels(
        { imageSize: 96, region: { kind: 'none' }, vision: { kind: 'qwen' }, augment: DEFAULT_AUGMENT },
        catalogue,
      );
      writePage(html, await comparisonPage(comparison, catalogue, shown));
      say(`page: ${html}`);
    }
  } finally {
    bar.end();
    for (const { dispose } of systems) dispose?.();
  }
}

function dataOf(sources: readonly SystemSource[]): string {
  const run = sources.flatMap((source) => ('runs' in source ? source.runs : []))[0];
  if (run === undefined) throw new UserError('--data: missing; without a run nothing says which products these are.');
  return dataOfRun(run);
}

function nothingCompared(skipped: Record<string, Record<string, string>>): UserError {
  const [[task, reasons]] = Object.entries(skipped);
  const why = Object.entries(reasons).map(([name, reason]) => `${name}: ${reason}`);
  return new UserError(
    `compare: none of ${Object.keys(skipped).length} tasks can be compared; ${task}: ${why.join('; ') || 'no query is left'}. Compare systems that know the same queries and items, or name other tasks with --tasks.`,
  );
}
