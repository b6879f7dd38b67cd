import { createRequire } from 'node:module';
import * as tf from '../../engine/tf.js';
import type { StepRecord } from '../step-record.js';

/** TensorBoard event files of a run. */
export interface SummaryWriter {
  write(record: StepRecord): void;
  /** Flush all events to disk. */
  close(): void;
}

/** The summary writer of tfjs-node. */
interface Scalars {
  scalar(name: string, value: number, step: number): void;
  flush(): void;
}

/**
 * Write the loss, learning rate, gradient norm and measures of every step to a folder for TensorBoard (`tensorboard --logdir`), through the
 * summary writer of tfjs-node. On other engines nothing is written.
 */
export function summaryWriter(folder: string): SummaryWriter {
  tf.backend();
  if (tf.getBackend() !== 'tensorflow') return { write() {}, close() {} };
  const require = createRequire(import.meta.url);
  const { summaryFileWriter } = require('@tensorflow/tfjs-node-gpu/dist/tensorboard.js') as {
    summaryFileWriter(folder: string): Scalars;
  };
  const writer = summaryFileWriter(folder);
  return {
    write({ step, loss, rate, gradientNorm, seconds, measures }) {
      const scalars = { loss, rate, gradientNorm, seconds, ...measures };
      for (const [name, value] of Object.entries(scalars)) writer.scalar(name, value, step);
    },
    close: () => writer.flush(),
  };
}
