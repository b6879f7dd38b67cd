import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkEvaluationImages } from '../config/needed-images.js';
import { dataHash } from '../data/data-hash.js';
import { countFound } from '../data/found.js';
import type { Catalogue, Split } from '../data/types.js';
import { networkHash } from '../encoder/network-hash.js';
import { preparePixels } from '../encoder/prepare.js';
import { codeVersion } from '../engine/compile/graph-cache.js';
import { type Evaluation, evaluateTasks } from '../evaluate/evaluate.js';
import { joinFolds } from '../evaluate/join-folds.js';
import { rowLines, savedEvaluation, saveEvaluation, withoutRows } from '../evaluate/saved-evaluation.js';
import { evaluationText } from '../evaluate/summary/evaluation-text.js';
import { summaryText } from '../evaluate/summary/summary-text.js';
import { progressBar } from '../notebook/progress.js';
import { valueHash } from '../store/content-hash.js';
import { type NetworkOptions, openNetworks, type Seeds } from './open-networks.js';
import { refuseInside, writeOutput } from './places.js';
import { foundTeller } from './say-found.js';

export interface EvaluateOptions extends NetworkOptions {
  split: Split;
  /** Default: all. */
  tasks?: string[];
  /** Only the first numbers of every embedding. */
  size?: number;
  controls: boolean;
  /** File for a line of JSON a query. */
  rows?: string;
  /** Folder for the evaluation. */
  out?: string;
  /** Take from `out` what was measured already. */
  resume: boolean;
  json: boolean;
  /** Print every task, control and variation. */
  verbose: boolean;
}

const MORE = 'Every task, control and variation, and what each asks: --verbose. As JSON: --json.';

/** Measure networks of finished runs, or an untrained one, by the protocols, and print a table. @throws UserError */
export async function runEvaluation(given: EvaluateOptions): Promise<void> {
  const { split, tasks, size, controls, rows, out, resume, json, verbose } = given;
  const { catalogue, dataPath, groups } = await openNetworks(given);
  const networks = groups.flatMap((group) => group.networks);
  try {
    if (out !== undefined) refuseInside(out, dataPath);
    const tellFound = foundTeller(json ? console.error : console.log);
    const found = countFound(catalogue);
    tellFound(found);
    checkEvaluationImages(networks[0].config, found);
    const options = { split, tasks, size, controls, rows: rows !== undefined || out !== undefined };
    const key = valueHash([await Promise.all(networks.map(networkHash)), dataHash(catalogue), codeVersion(), options]);
    const known = resume && out !== undefined ? savedEvaluation(out, key) : undefined;
    const evaluation = known ?? (await measure(groups, catalogue, options));
    tellFound(evaluation.found);
    if (out !== undefined && !known) saveEvaluation(out, evaluation, key);
    if (rows !== undefined) {
      const kept = known && out !== undefined ? readFileSync(join(out, 'rows.jsonl'), 'utf8') : undefined;
      writeOutput(rows, kept ?? rowLines(evaluation));
    }
    const text = () => (verbose ? evaluationText(evaluation) : `${summaryText(evaluation, { all: true })}\n\n${MORE}`);
    console.log(json ? JSON.stringify(withoutRows(evaluation)) : text());
  } finally {
    for (const { parameters } of networks) parameters.dispose();
  }
}

/** Each network of several folds answers for the products that it has not seen, and all answers are one table. */
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
