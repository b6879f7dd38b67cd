import { createRequire } from 'node:module';
import * as tf from '../../engine/tf.js';
import type { StepRecord } from '../step-record.js';

/** TensorBoard event files of a run. */
export interface SummaryWriter {
  write(record: StepRecord): void;
  /** Everything written so far is on disk. */
  close(): void;
}

/** tfjs-node's own writer. */
interface Scalars {
  scalar(name: string, value: number, step: number): void;
  flush(): void;
}

/**
 * Write every step's loss, rate, gradient norm and measures into a folder that TensorBoard reads (`tensorboard --logdir`), through
 * tfjs's own summary writer. On other engines nothing is written.
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
