import { fileURLToPath } from 'node:url';
import { inParallel } from '../../data/in-parallel.js';
import { forkEngine } from '../../engine/fork-engine.js';
import { tellCell } from './tell-trial.js';
import type { CellMessage, CellOutcome } from './trial-messages.js';

/** A cell's folder, and what is done with what it tells. */
export interface CellWatch {
  onProgress(folder: string, progress: CellMessage & { kind: 'progress' }): void;
  onEnd(folder: string, outcome: CellOutcome): void;
  signal?: AbortSignal;
}

/** Something that runs cells. */
export type RunCells = (folders: readonly string[], watch: CellWatch) => Promise<void>;

/** In this process, one after the other. */
export const runHere: RunCells = async (folders, { onProgress, onEnd, signal }) => {
  for (const folder of folders) {
    if (signal?.aborted) return;
    onEnd(folder, await tellCell(folder, (progress) => onProgress(folder, progress), { signal }));
  }
};

/**
 * Each in a process of its own with an engine of its own, so many at a time. A process that dies is that cell's failure alone.
 * @param threads of each
 * @param entry another file for the processes than the built one, such as one that loads sources
 */
export function runInProcesses(workers: number, threads: number, entry?: string): RunCells {
  const file = entry ?? fileURLToPath(new URL('./trial-process.js', import.meta.url));
  return (folders, watch) =>
    inParallel(folders, workers, async (folder) => {
      if (!watch.signal?.aborted) watch.onEnd(folder, await inProcess(file, threads, folder, watch));
    });
}

function inProcess(file: string, threads: number, folder: string, watch: CellWatch): Promise<CellOutcome> {
  const child = forkEngine(file, threads);
  const stop = () => child.connected && child.send('stop');
  watch.signal?.addEventListener('abort', stop);
  let outcome: CellOutcome | undefined;
  return new Promise<CellOutcome>((resolve) => {
    const end = (how: string) =>
      resolve(outcome ?? { kind: 'failed', why: `its process ended (${how}); the same command tries it again` });
    child.on('message', (message: CellMessage) => {
      if (message.kind === 'end') outcome = message.outcome;
      else watch.onProgress(folder, message);
    });
    child.on('error', (error) => end(error.message));
    child.on('exit', (code, signal) => end(signal ?? `code ${code}`));
    child.send({ run: folder }, () => {});
  }).finally(() => watch.signal?.removeEventListener('abort', stop));
}
