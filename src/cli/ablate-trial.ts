import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { tellCell } from '../ablate/run/tell-trial.js';
import { UserError } from '../checks/error.js';
import { lockFolder, STALE } from '../store/folder-lock.js';

/** How long a trial waits for the process that had it before, in milliseconds: that one's machine may be gone. */
const WAIT = STALE + 30_000;

/**
 * `moon-lab ablate --trial FOLDER`, for a driver on a cluster: run one trial of a study. Ends when its standard input does, and so with
 * the driver that holds it, wherever that was killed.
 */
export async function runTrial(folder: string): Promise<number> {
  process.stdin.on('end', () => process.exit(1)).resume();
  await untilFree(join(folder, 'run'));
  const outcome = await tellCell(folder, () => {}, { alone: true });
  process.stdin.destroy();
  if (outcome.kind !== 'failed') return 0;
  console.error(outcome.why);
  return 1;
}

/** A process that lost its driver needs until its next step to end. */
async function untilFree(run: string): Promise<void> {
  mkdirSync(run, { recursive: true });
  for (const end = Date.now() + WAIT; ; await setTimeout(500)) {
    try {
      return (await lockFolder(run)).release();
    } catch (error) {
      if (!(error instanceof UserError) || Date.now() > end) throw error;
    }
  }
}
