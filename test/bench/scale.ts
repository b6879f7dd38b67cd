import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wrongOption } from '../../src/checks/error.js';
import { rowsInOwnProcess } from './own-process.js';
import { fillPictures } from './scale-catalogue.js';
import { row } from './sized.js';
import type { Bench, BenchRow } from './table.js';

const sizes = [10_000, 100_000, 1_000_000];
/** Of a picture in the store, with its key. */
const BYTES = 19_300;

/**
 * What a product costs in catalogues of 10,000, 100,000 and 1,000,000 products, whose pictures at 64 px are read from disk: products a second
 * of training and embedding by the base `grocery` without crops, seconds to the first step, and peak memory, each size in a process of its
 * own. Takes 20 GB of the temporary folder while it runs. `bench scale:100000` leaves the larger ones out.
 */
export const rows: Bench = async ({ part }) => {
  const most = part === undefined ? sizes[sizes.length - 1] : Number(part);
  if (!sizes.includes(most)) throw wrongOption('scale:PART', part, sizes.join(' | '));
  const root = mkdtempSync(join(tmpdir(), 'moon-bench-'));
  try {
    const { bavail, bsize } = statfsSync(root);
    if (bavail * bsize < 1.2 * most * BYTES)
      throw wrongOption(
        'scale',
        `${((bavail * bsize) / 1e9).toFixed(0)} GB free in ${tmpdir()}`,
        `${(1.2 * most * BYTES) / 1e9} GB`,
      );
    const table: BenchRow[] = [];
    let filled = 0;
    for (const count of sizes.filter((each) => each <= most)) {
      const started = performance.now();
      await fillPictures(filled, count, root);
      const rate = (1000 * (count - filled)) / (performance.now() - started);
      filled = count;
      const own = [
        row('writing pictures', rate, 'a second'),
        ...(await rowsInOwnProcess(`scale-run:${count}:${root}`)),
      ];
      table.push(...own.map((each) => ({ ...each, name: `${count.toLocaleString('en')} products: ${each.name}` })));
    }
    return table;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};
