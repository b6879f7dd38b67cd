import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../checks/error.js';
import { checkEvaluationImages } from '../config/needed-images.js';
import { dataHash } from '../data/data-hash.js';
import { countFound } from '../data/found.js';
import type { Catalogue, Split } from '../data/types.js';
import { noTask, tasksOf } from '../datasets/tasks.js';
import { embeddingWidth, withFrozenShare } from '../encoder/joined-embedding.js';
import { networkHash } from '../encoder/network-hash.js';
import { preparePixels } from '../encoder/prepare.js';
import { codeVersion } from '../engine/compile/graph-cache.js';
import { type Evaluation, evaluateTasks } from '../evaluate/evaluate.js';
import { joinFolds } from '../evaluate/join-folds.js';
import { rowLines, savedEvaluation, saveEvaluation, withoutRows } from '../evaluate/saved-evaluation.js';
import { directionsTable } from '../evaluate/summary/directions-table.js';
import { evaluationText } from '../evaluate/summary/evaluation-text.js';
import { summaryText } from '../evaluate/summary/summary-text.js';
import { baselineOf } from '../evaluate/systems/baselines.js';
import { checkSize } from '../losses/unit-rows.js';
import { progressBar } from '../notebook/progress.js';
import { valueHash } from '../store/content-hash.js';
import { compareWithBaselines, evaluateFile } from './evaluate-file.js';
import { dataPathOf, type NetworkOptions, openNetworks, type Seeds } from './open-networks.js';
import { refuseInside, writeOutput } from './places.js';
import { foundPrinter } from './print-found.js';

export interface EvaluateOptions extends NetworkOptions {
  split: Split;
  /** A file of vectors of any model, in place of a network, and one of its queries' vectors. */
  embeddings?: string;
  queries?: string;
  /** Names of baselines to compare with. */
  baseline: string[];
  /** Names of tasks. Default: all. */
  tasks?: string[];
  /** Use only the first `size` dimensions of every embedding. */
  size?: number;
  /** Share of the frozen encoders in a similarity, in place of that of the runs. */
  frozen?: number;
  controls: boolean;
  /** File to write one line of JSON per query into. */
  rows?: string;
  /** Folder to save the evaluation in. */
  out?: string;
  /** Reuse the evaluation saved in `out`, if it is of the same networks, data, code and options. */
  resume: boolean;
  json: boolean;
  /** Print every task, control and variation. */
  verbose: boolean;
}

const MORE = 'For every task, control and variation with its description: --verbose. As JSON: --json.';

/** Evaluate the networks of finished runs, or an untrained one, and print a table. @throws UserError for invalid runs, data or options */
export async function runEvaluation(given: EvaluateOptions): Promise<void> {
  const { split, tasks, size, frozen, controls, rows, out, resume, json, verbose, baseline } = given;
  // Before a network is measured, not after it.
  for (const name of baseline) baselineOf(name);
  for (const [flag, place] of Object.entries({ '--out': out, '--rows': rows }))
    if (place !== undefined) refuseInside(place, dataPathOf(given), flag);
  if (given.embeddings !== undefined) return evaluateFile({ ...given, embeddings: given.embeddings });
  const { catalogue, groups: opened } = await openNetworks(given);
  const groups = opened.map(({ networks: own, ...group }) => ({
    ...group,
    networks: frozen === undefined ? own : own.map((network) => withFrozenShare(network, frozen)),
  }));
  const networks = groups.flatMap((group) => group.networks);
  try {
    refuseFolds(baseline, groups);
    const printFound = foundPrinter(json ? console.error : console.log);
    const found = countFound(catalogue);
    printFound(found);
    checkEvaluationImages(networks[0].config, found);
    // Before pictures are read, not after it.
    for (const { unseen } of groups)
      if (!tasksOf({ catalogue, split, ...(unseen && { unseen: new Set(unseen) }) }, tasks).length)
        throw noTask({ catalogue, split });
    if (size !== undefined) checkSize(size, embeddingWidth(networks[0]));
    const options = { split, tasks, size, controls, rows: rows !== undefined || out !== undefined };
    const key = valueHash([await Promise.all(networks.map(networkHash)), dataHash(catalogue), codeVersion(), options]);
    const known = resume && out !== undefined ? savedEvaluation(out, key) : undefined;
    const evaluation = known ?? (await measure(groups, catalogue, options));
    printFound(evaluation.found);
    if (out !== undefined && !known) saveEvaluation(out, evaluation, key);
    if (rows !== undefined) {
      const kept = known && out !== undefined ? readFileSync(join(out, 'rows.jsonl'), 'utf8') : undefined;
      writeOutput(rows, kept ?? rowLines(evaluation));
    }
    const text = () => (verbose ? evaluationText(evaluation) : `${summaryText(evaluation, { all: true })}\n\n${MORE}`);
    if (!json && evaluation.tasks.some(({ name }) => name.startsWith('directions.')))
      console.log(`${directionsTable([{ name: 'network', tasks: evaluation.tasks }]).text}\n`);
    console.log(json ? JSON.stringify(withoutRows(evaluation)) : text());
    if (baseline.length) await compareWithBaselines(networks, catalogue, given);
  } finally {
    for (const { parameters } of networks) parameters.dispose();
  }
}

/** Networks of folds are measured on different products, and a comparison would take them for seeds. */
function refuseFolds(baseline: readonly string[], groups: readonly Seeds[]): void {
  if (baseline.length && groups.some(({ unseen }) => unseen))
    throw new UserError(
      '--baseline: the runs held out folds of the products; compare runs that were trained on all of them.',
    );
}

/** Evaluate all networks. With several folds, each network is evaluated on the products of its held-out fold, and the results are joined. */
async function measure(
  groups: readonly Seeds[],
  catalogue: Catalogue,
  options: Parameters<typeof evaluateTasks>[3],
): Promise<Evaluation> {
  const bar = progressBar();
  try {
    const pixels = await preparePixels(groups[0].networks[0].config, catalogue, {
      onProgress: (done, total, label) => bar.show({ label, done, total }),
    });
    for (const [id, reason] of pixels.missing) console.error(`missing: ${id}: ${reason}`);
    const folds: Evaluation[] = [];
    for (const { networks, unseen } of groups)
      folds.push(
        await evaluateTasks(networks, catalogue, pixels, {
          ...options,
          unseen,
          rows: options.rows || groups.length > 1,
          onProgress: (progress) => bar.show(progress),
        }),
      );
    return folds.length > 1 ? joinFolds(folds) : folds[0];
  } finally {
    bar.end();
  }
}
