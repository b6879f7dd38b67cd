import type { Batch } from './batch.js';

/** Position of the token after a sequence of a batch: one after its largest position on any axis. */
export function nextPosition(
  { positions, mask, length, sequences }: Pick<Batch, 'positions' | 'mask' | 'length' | 'sequences'>,
  at: number,
): number {
  let most = 0;
  for (let axis = 0; axis < 3; axis++)
    for (let token = 0; token < length; token++)
      if (mask[at * length + token]) most = Math.max(most, positions[(axis * sequences + at) * length + token]);
  return most + 1;
}
