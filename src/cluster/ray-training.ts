import { UserError } from '../checks/error.js';
import { startDriver } from './driver.js';
import type { RayOptions } from './ray.js';
import type { WorkerMessage } from './worker.js';

/** Callbacks for a training, and a signal that asks the workers to stop after an update. */
export interface TrainingWatch {
  /** Called with the number of CPUs of the cluster, then with what worker 0 says. */
  onUp(cpus: number): void;
  onMessage(message: WorkerMessage): void;
  /** Called when a worker was lost. Returns the command with which all begin again, or throws. */
  onLost(why: string): readonly string[];
  signal?: AbortSignal;
}

type DriverMessage =
  | WorkerMessage
  | { kind: 'up'; cpus: number }
  | { kind: 'finished' }
  | { kind: 'lost'; worker: string; why: string }
  | { kind: 'failed'; worker: string; why: string };

/**
 * Run a command as several workers on a Ray cluster, each with `threads` CPUs, that exchange numbers through torch.distributed: gloo, or
 * NCCL where the cluster has a GPU for each. In the command, `openWorker` is the worker's side. It runs in the working directory of this
 * process, which all machines must share.
 * @throws UserError if Python, Ray or torch cannot be started, or if a worker fails, with its own sentence
 */
export async function trainOnRay(
  command: readonly string[],
  { workers, threads }: { workers: number; threads: number },
  { python = 'python3', address }: Omit<RayOptions, 'cpus'>,
  { onUp, onMessage, onLost, signal }: TrainingWatch,
): Promise<void> {
  const request = { command, folder: process.cwd(), workers, threads, address };
  const driver = startDriver('ray-training.py', request, { python, packages: 'ray torch', ends: false });
  const stop = () => driver.write({ kind: 'stop' });
  signal?.addEventListener('abort', stop);
  try {
    for await (const each of driver.messages()) {
      const message = each as DriverMessage;
      if (message.kind === 'up') onUp(message.cpus);
      else if (message.kind === 'finished') return;
      else if (message.kind === 'lost')
        driver.write({ kind: 'again', command: onLost(`${message.worker} was lost: ${message.why}`) });
      else if (message.kind === 'failed') throw new UserError(`${message.worker}: ${message.why}`);
      else onMessage(message);
    }
    throw (await driver.failure()) ?? new UserError('--on ray: the driver ended before the workers.');
  } finally {
    signal?.removeEventListener('abort', stop);
    driver.interrupt();
  }
}
