import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wrongOption } from '../checks/error.js';
import { saveEncoder } from '../encoder/model-folder.js';
import { preparePixels } from '../encoder/prepare.js';
import { calibrationCatalogue, calibrationPairs } from '../encoder/prune/calibration.js';
import { type PruneReport, pruneEncoder } from '../encoder/prune/prune-encoder.js';
import { requireNew, writeFolderAtomic } from '../store/atomic.js';
import { type PruneMethod, pruneMethods } from '../weights/prune/option.js';
import { openNetworks } from './open-networks.js';

export interface PruneFlags {
  run?: string;
  config?: string;
  calibrate?: string;
  sparsity: number;
  /** One of `pruneMethods`. */
  method: string;
  pairs: number;
  seed: number;
  out: string;
}

/** Prune the network of a run or a config and write it as a model folder. */
export async function prune({
  run,
  config,
  calibrate,
  sparsity,
  method,
  pairs,
  seed,
  out,
}: PruneFlags): Promise<PruneReport> {
  requireNew(out);
  const known = Object.keys(pruneMethods) as PruneMethod[];
  const name = known.find((each) => each === method);
  if (!name) throw wrongOption('--method', method, `one of ${known.join(' | ')}`);
  const { catalogue, groups } = await openNetworks({ run: run === undefined ? [] : [run], config, data: calibrate });
  const [encoder] = groups[0].networks;
  try {
    const drawn = calibrationCatalogue(catalogue, { count: pairs, seed });
    const pixels = await preparePixels(encoder.config, drawn);
    const calibration = calibrationPairs(encoder, drawn, pixels, { count: pairs, seed });
    const option = { sparsity, ...pruneMethods[name], seed };
    const { encoder: pruned, report } = await pruneEncoder(encoder, calibration, pixels, option);
    try {
      writeFolderAtomic(out, (aside) => {
        saveEncoder(aside, pruned);
        writeFileSync(join(aside, 'prune.json'), `${JSON.stringify({ method, option, report }, null, 2)}\n`);
      });
    } finally {
      pruned.parameters.dispose();
    }
    return report;
  } finally {
    encoder.parameters.dispose();
  }
}

/** What was pruned, as lines of text. */
export function pruneLines({ weights, zeros, sequences, blocks }: PruneReport, out: string): string[] {
  const percent = (part: number, all: number) => `${((100 * part) / all).toFixed(1)}%`;
  const unreached = blocks.flatMap((block) => block.unreached);
  return [
    `${zeros} of ${weights} weights of ${blocks.length} blocks are 0 (${percent(zeros, weights)}); they are stored, so nothing becomes faster`,
    ...blocks.map(({ block, weights, zeros, tokens, seen }) => {
      const read = tokens ? `, ${percent(seen, tokens)} of ${tokens} tokens of ${sequences} sequences seen` : '';
      return `block ${block}  ${percent(zeros, weights)} zeros${read}`;
    }),
    ...(unreached.length ? [`no token reached ${unreached.join(', ')}: pruned by magnitude`] : []),
    `${out}: train, evaluate or embed it with network.from`,
  ];
}
