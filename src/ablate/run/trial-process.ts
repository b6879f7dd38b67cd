import { tellTrial } from './tell-trial.js';
import type { TrialMessage, TrialOutcome } from './trial-messages.js';

/** What runs in a process of its own: the one trial that its parent names. */

const stop = new AbortController();
const tell = (message: TrialMessage) => process.send?.(message);

// An interrupt at the terminal reaches parent and children: the parent decides.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(1));
process.on('message', async (asked: { run: string } | 'stop') => {
  if (asked === 'stop') return stop.abort();
  const outcome: TrialOutcome = await tellTrial(asked.run, tell, { signal: stop.signal, alone: true });
  process.send?.({ kind: 'end', outcome } satisfies TrialMessage, () => process.exit(0));
});
