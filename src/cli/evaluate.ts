import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { wrongOption } from '../checks/error.js';
import { checkAskedImages } from '../config/needed-images.js';
import { dataHash } from '../data/data-hash.js';
import { countFound } from '../data/found.js';
import type { Catalogue } from '../data/types.js';
import { networkHash } from '../encoder/network-hash.js';
import { preparePixels } from '../encoder/prepare.js';
import { codeVersion } from '../engine/compile/graph-cache.js';
import { type Evaluation, evaluateTasks } from '../evaluate/evaluate.js';
import { joinFolds } from '../evaluate/join-folds.js';
import { rowLines, savedEvaluation, saveEvaluation, withoutRows } from '../evaluate/saved-evaluation.js';
import { progressBar } from '../notebook/progress.js';
import { valueHash } from '../store/content-hash.js';
import type { Command } from './command.js';
import { evaluationText } from './evaluation-text.js';
import { openNetworks, type Seeds } from './open-networks.js';
import { foundTeller } from './say-found.js';
import { splitOf } from './split-of.js';

/** `moon-lab evaluate`: networks of finished runs, or an untrained one, by the protocols. */
export const evaluate: Command = {
  usage:
    'evaluate --run RUN [--run RUN2 ...] | --config FILE|BASE [--data PATH] [--split val] [--tasks NAME,...] [--checkpoint best|last|STEP] [--size N] [--no-controls] [--rows FILE] [--out DIR [--resume]] [--json]',
  summary:
    'measure a trained network (several runs: as seeds of one, or folds of unseen products) by every task of its data, with intervals, chance and controls; --resume takes from --out what was measured already',
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
        out: { type: 'string' },
        resume: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const split = splitOf(values.split);
    const { out, resume } = values;
    if (resume && out === undefined)
      throw wrongOption('--out', out, 'the folder of an earlier evaluation, beside --resume');
    const size = values.size === undefined ? undefined : Number(values.size);
    const { catalogue, groups } = await openNetworks(values);
    const tellFound = foundTeller(values.json ? console.error : console.log);
    const found = countFound(catalogue);
    tellFound(found);
    const networks = groups.flatMap((group) => group.networks);
    try {
      checkAskedImages(networks[0].config, found);
      const options = {
        split,
        tasks: values.tasks?.split(',').map((name) => name.trim()),
        size,
        controls: !values['no-controls'],
        rows: values.rows !== undefined || out !== undefined,
      };
      const key = valueHash([
        await Promise.all(networks.map(networkHash)),
        dataHash(catalogue),
        codeVersion(),
        options,
      ]);
      const known = resume ? savedEvaluation(out!, key) : undefined;
      const evaluation = known ?? (await measure(groups, catalogue, options));
      tellFound(evaluation.found);
      if (out !== undefined && !known) saveEvaluation(out, evaluation, key);
      if (values.rows)
        await writeFile(values.rows, known ? await readFile(join(out!, 'rows.jsonl')) : rowLines(evaluation));
      console.log(values.json ? JSON.stringify(withoutRows(evaluation)) : evaluationText(evaluation));
    } finally {
      for (const { parameters } of networks) parameters.dispose();
    }
    return 0;
  },
};

/** Of several folds of unseen products each network is asked for those that it has not seen, and all answers are one table. */
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
