import { UserError } from '../../checks/error.js';
import { type CellOptions, runCell } from './run-trial.js';
import type { CellMessage, CellOutcome } from './trial-messages.js';

/** Run a cell and tell how far it is; an error is its outcome. */
export async function tellCell(
  folder: string,
  tell: (message: CellMessage & { kind: 'progress' }) => void,
  options: Pick<CellOptions, 'signal' | 'alone'> = {},
): Promise<CellOutcome> {
  try {
    const finished = await runCell(folder, {
      ...options,
      onProgress: (label, done, total) => tell({ kind: 'progress', label, done, total }),
      onStep: ({ step, steps, loss }) =>
        tell({ kind: 'progress', label: 'training', done: step, total: steps, note: `loss ${loss.toFixed(2)}` }),
    });
    return { kind: finished ? 'finished' : 'stopped' };
  } catch (error) {
    if (options.signal?.aborted) return { kind: 'stopped' };
    const { message, stack } = error as Error;
    return { kind: 'failed', why: error instanceof UserError ? message : (stack ?? message) };
  }
}
