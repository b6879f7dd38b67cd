import { fileURLToPath } from 'node:url';
import { UserError } from '../checks/error.js';
import { forkEngine } from '../engine/fork-engine.js';
import { settings } from '../engine/settings.js';

/** What a worker process is asked, one after the other; every question has one answer. */
export interface Questions {
  /** Import `module` and make its export `name` for `setup`. */
  start: { ask: { module: string; name: string; setup: unknown }; answer: null };
  /** Keep these for the questions that follow. */
  parameters: { ask: { values: Float32Array }; answer: null };
  /** Embed a group without a tape, and keep it. */
  embed: { ask: { at: number; group: unknown }; answer: { embeddings: Float32Array; rows: number } };
  /** The kept group once more, with a tape: the gradient of its rows [rows, width] passed on to the parameters. */
  pull: {
    ask: { at: number; gradient: Float32Array; rows: number; groups: number };
    answer: { gradient: Float32Array; penalty: number };
  };
}

export type Question = { [Kind in keyof Questions]: { kind: Kind } & Questions[Kind]['ask'] }[keyof Questions];
export type Answer = { value: unknown } | { failed: string };

/** A worker process that answers. */
export interface WorkerProcess {
  pid: number;
  ask<Kind extends keyof Questions>(kind: Kind, question: Questions[Kind]['ask']): Promise<Questions[Kind]['answer']>;
  stop(): Promise<void>;
}

/**
 * Start a process with an engine of its own on its share of this one's threads.
 * @param name for errors
 * @param entry file that it runs; the built `worker.js` unless a test runs the sources
 */
export function startProcess(name: string, share: number, entry?: string): WorkerProcess {
  const threads = Math.max(1, Math.floor(settings.threads * share));
  const child = forkEngine(entry ?? fileURLToPath(new URL('./worker.js', import.meta.url)), threads);
  const waiting: { kind: string; settle(answer: Answer): void }[] = [];
  let ended: string | undefined;
  child.on('message', (answer: Answer) =>
    waiting.shift()?.settle('failed' in answer ? { failed: `${name}: ${answer.failed}` } : answer),
  );
  const end = (how: string) => {
    ended ??= `${name} ended (${how})${waiting.length ? ` at the question '${waiting[0].kind}'` : ''}. Start the workers again; if it ran out of memory, with fewer workers or smaller groups.`;
    for (const { settle } of waiting.splice(0)) settle({ failed: ended });
  };
  child.on('error', (error) => end(error.message));
  const exited = new Promise<void>((resolve) => {
    child.on('exit', (code, signal) => {
      end(signal ?? `code ${code}`);
      resolve();
    });
  });
  return {
    pid: child.pid ?? -1,
    ask: (kind, question) =>
      new Promise((resolve, reject) => {
        const settle = (answer: Answer) =>
          'failed' in answer ? reject(new UserError(answer.failed)) : resolve(answer.value as never);
        if (ended) return settle({ failed: ended });
        // Fails at once, and rejects, where the question holds something that cannot be copied to another process. A broken pipe
        // is no news: the process has ended, and its exit tells how.
        child.send({ kind, ...question }, () => {});
        waiting.push({ kind, settle });
      }),
    stop: () => {
      if (child.connected) child.disconnect();
      return exited;
    },
  };
}
