import { join } from 'node:path';
import { trialOutcome } from '../ablate/run/trial-outcome.js';
import { waitUntilUnlocked } from './wait-until-unlocked.js';

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
