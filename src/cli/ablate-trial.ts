import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { trialOutcome } from '../ablate/run/trial-outcome.js';
import { UserError } from '../checks/error.js';
import { lockFolder, STALE } from '../store/folder-lock.js';

/** How long a trial waits for the lock of an earlier process, whose machine may be gone. In milliseconds. */
const LOCK_TIMEOUT = STALE + 30_000;

/**
 * `moon-lab ablate --trial FOLDER`: run one trial of a study for a driver on a cluster. The process exits when its standard input closes,
 * so it never outlives the driver.
 */
export async function runTrial(folder: string): Promise<number> {
  process.stdin.on('end', () => process.exit(1)).resume();
  await waitUntilUnlocked(join(folder, 'run'));
  const outcome = await trialOutcome(folder, () => {}, { ownProcess: true });
  process.stdin.destroy();
  if (outcome.kind !== 'failed') return 0;
  console.error(outcome.why);
  return 1;
}

/** A process that lost its driver may hold the lock until the end of its step. */
async function waitUntilUnlocked(run: string): Promise<void> {
  mkdirSync(run, { recursive: true });
  for (const end = Date.now() + LOCK_TIMEOUT; ; await setTimeout(500)) {
    try {
      return (await lockFolder(run)).release();
    } catch (error) {
      if (!(error instanceof UserError) || Date.now() > end) throw error;
    }
  }
}
