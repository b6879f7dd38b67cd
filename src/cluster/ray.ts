import { fileURLToPath } from 'node:url';
import { startDriver } from './driver.js';

/** The command line of moon-lab, as a program and its first argument. */
export const moonLabCommand: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL('../../src/setup/bin.js', import.meta.url)),
];

/** How a task ended: to its end, stopped by the user (it can resume), or with an error. */
export type TaskOutcome = { kind: 'finished' } | { kind: 'stopped' } | { kind: 'failed'; why: string };

/** Callbacks for tasks, which are identified by their names, and a signal to stop them. */
export interface TaskWatch {
  onProgress(task: string, progress: { kind: 'progress'; label: string; done: number; total: number }): void;
  onEnd(task: string, outcome: TaskOutcome): void;
  signal?: AbortSignal;
}

/** Where a Ray cluster is. */
export interface RayOptions {
  /** A Python with ray installed. Default: python3. */
  python?: string;
  /** Address of a running cluster. Default: the cluster in RAY_ADDRESS, else a new one on this machine. */
  address?: string;
  /** Number of CPUs of a new cluster on this machine. */
  cpus?: number;
}

/** A line of the driver's output. */
type DriverMessage = { kind: 'up'; cpus: number } | { kind: 'end'; task: string; failed: string | null };

/**
 * Run tasks on a Ray cluster: each runs `command` with its name as the last argument, with `threads` CPUs. Ray's workers have working directories of
 * their own, so that paths must be absolute, and all machines must share the file system that the command writes to. If a worker is lost, its
 * task runs again elsewhere.
 * @throws UserError if Python or Ray cannot be started
 */
export function runOnRay(command: readonly string[], threads: number, options: RayOptions = {}) {
  const { python = 'python3', address, cpus } = options;
  return async (tasks: readonly string[], { onProgress, onEnd, signal }: TaskWatch): Promise<void> => {
    if (!tasks.length) return;
    const request = { tasks, command, threads, address, cpus };
    const driver = startDriver('ray-driver.py', request, { python, packages: 'ray', ends: true });
    const left = new Set(tasks);
    signal?.addEventListener('abort', driver.interrupt);
    try {
      for await (const each of driver.messages()) {
        const message = each as DriverMessage;
        if (message.kind === 'up')
          onProgress(tasks[0], { kind: 'progress', label: `Ray, ${message.cpus} CPUs`, done: 0, total: 0 });
        else {
          left.delete(message.task);
          const outcome: TaskOutcome =
            message.failed === null ? { kind: 'finished' } : { kind: 'failed', why: message.failed };
          onEnd(message.task, outcome);
        }
      }
      const failure = await driver.failure();
      if (signal?.aborted) for (const task of left) onEnd(task, { kind: 'stopped' });
      else if (failure) throw failure;
    } finally {
      signal?.removeEventListener('abort', driver.interrupt);
      driver.kill();
    }
  };
}
