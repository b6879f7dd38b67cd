import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { UserError } from '../checks/error.js';
import type { Exchange } from './exchange.js';

/** What a worker says to the one who started the training. */
export type WorkerMessage =
  | { kind: 'say'; text: string }
  | { kind: 'progress'; label: string; done: number; total: number; note?: string }
  | { kind: 'result'; result: object };

/** This process as one of several workers: its part of the exchange, and whom it tells what it does. */
export interface Worker extends Exchange {
  tell(message: WorkerMessage): void;
  /** Aborted if the workers are to stop after an update. */
  signal: AbortSignal;
  close(): void;
}

/** What the Python worker writes to the standard input of this process. */
type Message =
  | { kind: 'begin'; rank: number; world: number; file: string }
  | { kind: 'summed' }
  | { kind: 'gone'; why: string }
  | { kind: 'stop' };

/**
 * Open the exchange of a process that a Python worker has started (`ray-training.py`). Numbers are in a file of shared memory, as float32
 * from its beginning; lines of JSON on standard input and output say when. The process exits when its input closes, so that it never
 * outlives the worker.
 */
export async function openWorker(): Promise<Worker> {
  const controller = new AbortController();
  const lines = createInterface({ input: process.stdin });
  let waiting: { resolve(): void; reject(error: Error): void } | undefined;
  let gone: UserError | undefined;
  const write = (message: object) => void process.stdout.write(`${JSON.stringify(message)}\n`);
  const begun = new Promise<Extract<Message, { kind: 'begin' }>>((resolve) => {
    lines.on('line', (line) => {
      const message = JSON.parse(line) as Message;
      if (message.kind === 'begin') resolve(message);
      else if (message.kind === 'stop') controller.abort();
      else if (message.kind === 'summed') waiting?.resolve();
      else {
        gone = new UserError(`Another worker is gone (${message.why}). Resume from the last checkpoint.`);
        waiting?.reject(gone);
      }
    });
  });
  lines.on('close', () => process.exit(1));
  const { rank, world, file } = await begun;
  const memory = openSync(file, 'r+');
  // The file has no name from now on, so that no end of a process leaves it behind.
  write({ kind: 'open' });
  return {
    rank,
    world,
    signal: controller.signal,
    tell: write,
    async sum(values) {
      if (gone) throw gone;
      writeSync(memory, values, 0, values.byteLength, 0);
      await new Promise<void>((resolve, reject) => {
        waiting = { resolve, reject };
        write({ kind: 'sum', count: values.length });
      });
      const sum = new Float32Array(values.length);
      readSync(memory, sum, 0, sum.byteLength, 0);
      return sum;
    },
    close() {
      lines.removeAllListeners('close');
      lines.close();
      process.stdin.destroy();
      closeSync(memory);
    },
  };
}
