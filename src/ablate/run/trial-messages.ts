/** What a process that runs a cell tells its parent. */
export type CellMessage =
  | { kind: 'progress'; label: string; done: number; total: number; note?: string }
  | { kind: 'end'; outcome: CellOutcome };

/** How a cell ended: measured, stopped by the user (it goes on another time), or with an error. */
export type CellOutcome = { kind: 'finished' } | { kind: 'stopped' } | { kind: 'failed'; why: string };
