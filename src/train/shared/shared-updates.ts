import { createHash } from 'node:crypto';
import { UserError } from '../../checks/error.js';
import type { Exchange } from '../../cluster/exchange.js';
import * as tf from '../../engine/tf.js';

/** What a process tells the others with its gradient. */
export interface UpdatePart {
  /** Its part of the gradient. Freed. */
  gradient: tf.Tensor1D;
  /** Whether the gradient counts: of a stage that is not shared, every process has the whole one. */
  counts: boolean;
  /** Seconds that it computed in this update. */
  seconds: number;
  /** Whether it asks all to stop after this update. */
  stop: boolean;
  /** The trained weights before the update. */
  parameters: tf.Tensor1D;
}

/** What all processes know then. */
export interface WholeUpdate {
  gradient: tf.Tensor1D;
  /** By rank. */
  seconds: number[];
  stop: boolean;
}

/** Updates between two comparisons of the weights of all processes, the first before the first update. */
const COMPARED = 50;
/** A hash travels as integers that a float32 holds exactly. */
const HASH_BYTES = 8;
/** Numbers of each process beside the gradient: seconds, stop, hash. */
const NUMBERS = 2 + HASH_BYTES;

/**
 * Sum the gradients of all processes update by update, and compare their weights now and then: different ones would never come together
 * again.
 */
export function sharedUpdates(exchange: Exchange): (part: UpdatePart) => Promise<WholeUpdate> {
  const { rank, world } = exchange;
  let updates = 0;
  return async ({ gradient, counts, seconds, stop, parameters }) => {
    const { size } = gradient;
    const values = new Float32Array(size + world * NUMBERS);
    if (counts || rank === 0) values.set(gradient.dataSync());
    gradient.dispose();
    const hash = updates++ % COMPARED === 0 ? hashOf(parameters) : new Uint8Array(HASH_BYTES);
    values.set([seconds, Number(stop), ...hash], size + rank * NUMBERS);
    const all = await exchange.sum(values);
    const told = Array.from({ length: world }, (_, at) => [
      ...all.subarray(size + at * NUMBERS, size + (at + 1) * NUMBERS),
    ]);
    const hashes = told.map((numbers) => numbers.slice(2).join());
    const other = hashes.findIndex((each) => each !== hashes[0]);
    if (other >= 0)
      throw new UserError(
        `Worker ${other} has other weights than worker 0. Resume from the last checkpoint, on machines of one kind.`,
      );
    return {
      gradient: tf.tensor1d(all.subarray(0, size)),
      seconds: told.map(([own]) => own),
      stop: told.some(([, asked]) => asked > 0),
    };
  };
}

function hashOf(parameters: tf.Tensor1D): Uint8Array {
  const { buffer, byteOffset, byteLength } = parameters.dataSync();
  const digest = createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest();
  return digest.subarray(0, HASH_BYTES);
}
