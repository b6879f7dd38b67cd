import { UserError } from '../../checks/error.js';
import { runTrialIn, type TrialOptions } from './run-trial.js';
import type { TrialMessage, TrialOutcome } from './trial-messages.js';

/** Run a trial and report its progress. An error becomes a failed outcome and is not thrown. */
export async function trialOutcome(
  folder: string,
  onProgress: (message: TrialMessage & { kind: 'progress' }) => void,
  options: Pick<TrialOptions, 'signal' | 'ownProcess'> = {},
): Promise<TrialOutcome> {
  try {
    const finished = await runTrialIn(folder, {
      ...options,
      onProgress: (label, done, total) => onProgress({ kind: 'progress', label, done, total }),
      onStep: ({ step, steps, loss }) =>
        onProgress({ kind: 'progress', label: 'training', done: step, total: steps, note: `loss ${loss.toFixed(2)}` }),
    });
    return { kind: finished ? 'finished' : 'stopped' };
  } catch (error) {
    if (options.signal?.aborted) return { kind: 'stopped' };
    const { message, stack } = error as Error;
    return { kind: 'failed', why: error instanceof UserError ? message : (stack ?? message) };
  }
}
