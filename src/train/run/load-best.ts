import type { Trained } from '../../encoder/encoder.js';
import { bestOf, loadTrained } from './checkpoint.js';

/** The network of a run at its best on dev, or at its last checkpoint where it never looked. Dispose its parameters when done. */
export function loadBest(run: string): Trained {
  return loadTrained(run, bestOf(run) ? 'best' : 'last');
}
