/** What a process that runs a trial tells its parent. */
export type TrialMessage =
  | { kind: 'progress'; label: string; done: number; total: number; note?: string }
  | { kind: 'end'; outcome: TrialOutcome };

/** How a trial ended: measured, stopped by the user (it resumes another time), or with an error. */
export type TrialOutcome = { kind: 'finished' } | { kind: 'stopped' } | { kind: 'failed'; why: string };
