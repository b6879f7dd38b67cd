import { tellCell } from './tell-trial.js';
import type { CellMessage, CellOutcome } from './trial-messages.js';

/** What runs in a process of its own: the one cell that its parent names. */

const stop = new AbortController();
const tell = (message: CellMessage) => process.send?.(message);

// An interrupt at the terminal reaches parent and children: the parent decides.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(1));
process.on('message', async (asked: { run: string } | 'stop') => {
  if (asked === 'stop') return stop.abort();
  const outcome: CellOutcome = await tellCell(asked.run, tell, { signal: stop.signal, alone: true });
  process.send?.({ kind: 'end', outcome } satisfies CellMessage, () => process.exit(0));
});
