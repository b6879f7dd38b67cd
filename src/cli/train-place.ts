import type { Exchange } from '../cluster/exchange.js';
import { openWorker } from '../cluster/worker.js';
import type { Progress } from '../engine/long-call.js';
import { progressBar } from '../notebook/progress.js';

/** Where a training runs, and who hears of it: this process for its user, or a worker of several for the one who started it. */
export interface TrainPlace {
  say(text: string): void;
  show(progress: Progress): void;
  /** End the line of the progress bar, which has no line break in a terminal. */
  endBar(): void;
  result(result: object): void;
  /** Aborted if the training is to stop after an update. */
  signal: AbortSignal;
  exchange?: Exchange;
  close(): void;
}

/** @param json whether standard output is for the result alone */
export function placeHere(json: boolean): TrainPlace {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGINT', stop);
  const bar = progressBar();
  let open = false;
  const endBar = () => {
    if (open) bar.end();
    open = false;
  };
  return {
    say: (text) => {
      endBar();
      (json ? console.error : console.log)(text);
    },
    show: (progress) => {
      open = true;
      bar.show(progress);
    },
    endBar,
    result: (result) => json && console.log(JSON.stringify(result)),
    signal: controller.signal,
    close: () => process.removeListener('SIGINT', stop),
  };
}

/** This process as a worker. Only worker 0 is heard. */
export async function placeOfWorker(): Promise<TrainPlace> {
  const worker = await openWorker();
  const ignore = () => {};
  // Ctrl-C in a terminal is for the one who started the workers.
  process.on('SIGINT', ignore);
  return {
    say: (text) => worker.tell({ kind: 'say', text }),
    show: (progress) => worker.tell({ kind: 'progress', ...progress }),
    endBar: ignore,
    result: (result) => worker.tell({ kind: 'result', result }),
    signal: worker.signal,
    exchange: worker,
    close() {
      process.removeListener('SIGINT', ignore);
      worker.close();
    },
  };
}
