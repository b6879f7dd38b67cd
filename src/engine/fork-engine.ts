import { type ChildProcess, fork } from 'node:child_process';
import { settings } from './settings.js';

/**
 * Start a process with its own engine of the same kind and the given number of threads. Messages are copied, including typed arrays.
 * @param entry file that the process runs
 */
export function forkEngine(entry: string, threads: number): ChildProcess {
  return fork(entry, [], {
    serialization: 'advanced',
    execArgv: [],
    env: {
      ...process.env,
      MOON_THREADS: String(threads),
      ...(settings.backend ? { MOON_ENGINE: settings.backend } : {}),
    },
  });
}
