import type { TaskOutcome } from '../../cluster/ray.js';

/** Messages from the process of a trial to its parent. */
export type TrialMessage =
  | { kind: 'progress'; label: string; done: number; total: number; note?: string }
  | { kind: 'end'; outcome: TrialOutcome };

/** How a trial ended: trained and evaluated, stopped by the user (it can resume), or failed with an error. */
export type TrialOutcome = TaskOutcome;
