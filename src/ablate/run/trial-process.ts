import type { TrialMessage, TrialOutcome } from './trial-messages.js';
import { trialOutcome } from './trial-outcome.js';

/** Entry point of a child process that runs one trial for its parent. */

const stop = new AbortController();
const send = (message: TrialMessage) => process.send?.(message);

// A terminal sends an interrupt to parent and children alike; the parent decides what to stop.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(1));
process.on('message', async (message: { run: string } | 'stop') => {
  if (message === 'stop') return stop.abort();
  const outcome: TrialOutcome = await trialOutcome(message.run, send, { signal: stop.signal, ownProcess: true });
  process.send?.({ kind: 'end', outcome } satisfies TrialMessage, () => process.exit(0));
});
