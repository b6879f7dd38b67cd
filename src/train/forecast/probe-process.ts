import { startEngine } from '../../engine/engine.js';
import { type ProbeRequest, probe } from './probe.js';

/** Entry point of a child process that tries one small network for its parent. */

process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(1));
process.on('message', async (request: ProbeRequest) => {
  await startEngine();
  const answer = await probe(request).catch((error: Error) => ({ error: error.message }));
  process.send?.(answer, () => process.exit(0));
});
