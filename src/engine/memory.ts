import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from './tf.js';

/** Run `work` and count the tensors that it left behind. `kept` returns how many tensors its result holds; these do not count. */
export async function countLeaks<T>(
  work: () => T | Promise<T>,
  kept: (result: T) => number = () => 0,
): Promise<{ result: T; leaked: number }> {
  tf.backend(); // Start the engine first: its own constants are not a leak.
  const before = tf.memory().numTensors;
  const result = await work();
  return { result, leaked: tf.memory().numTensors - before - kept(result) };
}

/**
 * Peak memory of this process in bytes. On Linux it is read from /proc, because `resourceUsage` starts from the peak of the parent process.
 */
export function peakMemory(): number {
  try {
    return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

/** So many numbers are worth a collection: 128 MB. */
export const WORTH_COLLECTING = 2 ** 25;

/**
 * Return the memory of arrays that nothing refers to any more. Tensors share the memory of the arrays that they were made of, and the
 * engine does not know by itself that gigabytes wait for their collection.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
