import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { moonLabCommand, type RayOptions, runOnRay } from '../../cluster/ray.js';
import { inParallel } from '../../data/in-parallel.js';
import { forkEngine } from '../../engine/fork-engine.js';
import type { TrialMessage, TrialOutcome } from './trial-messages.js';
import { trialOutcome } from './trial-outcome.js';

/** Callbacks for trials, which are identified by their folders, and a signal to stop them. */
export interface TrialWatch {
  onProgress(folder: string, progress: TrialMessage & { kind: 'progress' }): void;
  onEnd(folder: string, outcome: TrialOutcome): void;
  signal?: AbortSignal;
}

/** A function that runs the trials in some folders. */
export type RunTrials = (folders: readonly string[], watch: TrialWatch) => Promise<void>;

/** Run trials one after the other in this process. */
export const runHere: RunTrials = async (folders, { onProgress, onEnd, signal }) => {
  for (const folder of folders) {
    if (signal?.aborted) return;
    onEnd(folder, await trialOutcome(folder, (progress) => onProgress(folder, progress), { signal }));
  }
};

/**
 * Run each trial in its own process with its own engine, `workers` at a time. A crash of a process fails only its trial.
 * @param threads number of threads of each process
 * @param entry file that the processes run instead of the built one, such as one that loads the sources
 */
export function runInProcesses(workers: number, threads: number, entry?: string): RunTrials {
  const file = entry ?? fileURLToPath(new URL('./trial-process.js', import.meta.url));
  return (folders, watch) =>
    inParallel(folders, workers, async (folder) => {
      if (!watch.signal?.aborted) watch.onEnd(folder, await inProcess(file, threads, folder, watch));
    });
}

/** Run each trial as a Ray task (`runOnRay`) that runs the command line on its folder; a lost one resumes from its last checkpoint. */
export function runTrialsOnRay(threads: number, options: RayOptions = {}): RunTrials {
  const run = runOnRay([...moonLabCommand, 'ablate', '--trial'], threads, options);
  return (folders, { onProgress, onEnd, signal }) => {
    const nameOf = new Map(folders.map((folder) => [resolve(folder), folder]));
    return run([...nameOf.keys()], {
      onProgress: (task, progress) => onProgress(nameOf.get(task)!, progress),
      onEnd: (task, outcome) => onEnd(nameOf.get(task)!, outcome),
      signal,
    });
  };
}

function inProcess(file: string, threads: number, folder: string, watch: TrialWatch): Promise<TrialOutcome> {
  const child = forkEngine(file, threads);
  const stop = () => child.connected && child.send('stop');
  watch.signal?.addEventListener('abort', stop);
  let outcome: TrialOutcome | undefined;
  return new Promise<TrialOutcome>((resolve) => {
    const end = (how: string) =>
      resolve(outcome ?? { kind: 'failed', why: `its process ended (${how}); the same command tries again` });
    child.on('message', (message: TrialMessage) => {
      if (message.kind === 'end') outcome = message.outcome;
      else watch.onProgress(folder, message);
    });
    child.on('error', (error) => end(error.message));
    child.on('exit', (code, signal) => end(signal ?? `code ${code}`));
    child.send({ run: folder }, () => {});
  }).finally(() => watch.signal?.removeEventListener('abort', stop));
}
