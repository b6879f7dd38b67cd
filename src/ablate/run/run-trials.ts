import { fileURLToPath } from 'node:url';
import { inParallel } from '../../data/in-parallel.js';
import { forkEngine } from '../../engine/fork-engine.js';
import { tellTrial } from './tell-trial.js';
import type { TrialMessage, TrialOutcome } from './trial-messages.js';

/** A trial's folder, and what is done with what it tells. */
export interface TrialWatch {
  onProgress(folder: string, progress: TrialMessage & { kind: 'progress' }): void;
  onEnd(folder: string, outcome: TrialOutcome): void;
  signal?: AbortSignal;
}

/** Something that runs trials. */
export type RunTrials = (folders: readonly string[], watch: TrialWatch) => Promise<void>;

/** In this process, one after the other. */
export const runHere: RunTrials = async (folders, { onProgress, onEnd, signal }) => {
  for (const folder of folders) {
    if (signal?.aborted) return;
    onEnd(folder, await tellTrial(folder, (progress) => onProgress(folder, progress), { signal }));
  }
};

/**
 * Each in a process of its own with an engine of its own, so many at a time. A process that dies is that trial's failure alone.
 * @param threads of each
 * @param entry another file for the processes than the built one, such as one that loads sources
 */
export function runInProcesses(workers: number, threads: number, entry?: string): RunTrials {
  const file = entry ?? fileURLToPath(new URL('./trial-process.js', import.meta.url));
  return (folders, watch) =>
    inParallel(folders, workers, async (folder) => {
      if (!watch.signal?.aborted) watch.onEnd(folder, await inProcess(file, threads, folder, watch));
    });
}

function inProcess(file: string, threads: number, folder: string, watch: TrialWatch): Promise<TrialOutcome> {
  const child = forkEngine(file, threads);
  const stop = () => child.connected && child.send('stop');
  watch.signal?.addEventListener('abort', stop);
  let outcome: TrialOutcome | undefined;
  return new Promise<TrialOutcome>((resolve) => {
    const end = (how: string) =>
      resolve(outcome ?? { kind: 'failed', why: `its process ended (${how}); the same command tries it again` });
    child.on('message', (message: TrialMessage) => {
      if (message.kind === 'end') outcome = message.outcome;
      else watch.onProgress(folder, message);
    });
    child.on('error', (error) => end(error.message));
    child.on('exit', (code, signal) => end(signal ?? `code ${code}`));
    child.send({ run: folder }, () => {});
  }).finally(() => watch.signal?.removeEventListener('abort', stop));
}
