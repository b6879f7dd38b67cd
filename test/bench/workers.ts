import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { wrongOption } from '../../src/checks/error.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { readMetrics } from '../../src/train/run/metrics-file.js';
import { measureInTurn, median, ratioRow } from './rival.js';
import type { Bench } from './table.js';

const bin = fileURLToPath(new URL('../../src/setup/bin.js', import.meta.url));
const [STEPS, BLOCKS] = [40, 3];
/** Of a step: the first updates also load graphs. */
const FIRST = 10;

/**
 * Two workers of one thread each beside one process of two threads with two groups, which trains the same: items and queries a second, by
 * the median step. `--python` names a Python with Ray and torch.
 */
export const rows: Bench = async ({ python }) => {
  if (!python) throw wrongOption('--python', undefined, 'a Python with Ray and torch');
  const folder = mkdtempSync(join(tmpdir(), 'moon-workers-'));
  const { products, queries } = grocery.sampler;
  let runs = 0;
  const rateOf = (options: string[], env: Record<string, string>) => async () => {
    const out = join(folder, String(runs++));
    const command = [bin, 'train', '--base', 'grocery', '--set', `optimizer.steps=${STEPS}`, '--out', out, ...options];
    await promisify(execFile)(process.execPath, command, { env: { ...process.env, ...env } });
    const steps = readMetrics(out).slice(FIRST);
    return (products * (1 + queries)) / median(steps.map(({ seconds }) => seconds));
  };
  try {
    const { two, one } = await measureInTurn(
      {
        two: rateOf(['--on', 'ray', '--workers', '2', '--python', python], {}),
        one: rateOf(['--set', 'negatives.spatial.groups=2'], { MOON_THREADS: '2' }),
      },
      BLOCKS,
    );
    const name = 'two workers of one thread; rival one process of two threads';
    return [ratioRow(name, two, one, 'items and queries a second (more is better)')];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
