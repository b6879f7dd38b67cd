import { type ChildProcess, fork } from 'node:child_process';
import { settings } from './settings.js';

/**
 * Start a process that has an engine of its own, of this one's kind, on so many threads. It talks by messages that are copied with
 * their typed arrays.
 * @param entry file that it runs
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
