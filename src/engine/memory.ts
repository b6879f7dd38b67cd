import { readFileSync } from 'node:fs';
import * as tf from './tf.js';

/** Run `work` and say how many tensors it left behind; what it returns counts as kept when it is passed to `kept`. */
export async function countLeaks<T>(
  work: () => T | Promise<T>,
  kept: (result: T) => number = () => 0,
): Promise<{ result: T; leaked: number }> {
  tf.backend(); // start the engine first: constants of its own are not a leak
  const before = tf.memory().numTensors;
  const result = await work();
  return { result, leaked: tf.memory().numTensors - before - kept(result) };
}

/**
 * The most memory that this process ever held, in bytes. Linux's own count where it is there: what `resourceUsage` tells starts from the
 * peak of the process that started this one.
 */
export function peakMemory(): number {
  try {
    return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
