import { type RandomStream, randomStream } from '../engine/random.js';
import type { ObjectiveState } from './objective.js';

/** A random stream for every batch of a run, by its update and its number among the batches of the update: a resumed run draws the same. */
export function batchStreams(seed: number, name: string, state: Pick<ObjectiveState, 'step'>): () => RandomStream {
  let drawn = 0;
  let at = -1;
  return () => {
    drawn = at === state.step ? drawn + 1 : 0;
    at = state.step;
    return randomStream(seed, `${name} ${at} ${drawn}`);
  };
}
