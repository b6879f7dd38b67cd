import { loadNetwork } from '../../src/backbones/families.js';
import { wrongOption } from '../../src/checks/error.js';
import { startEngine } from '../../src/engine/engine.js';
import { peakMemory } from '../../src/engine/memory.js';
import { row } from './sized.js';
import type { Bench } from './table.js';

/** The memory that loading a Hugging Face folder adds to this process at its peak; `bench pretrained` starts one. */
export const rows: Bench = async ({ part }) => {
  if (!part) throw wrongOption('load-memory:PART', part, 'a Hugging Face folder');
  await startEngine();
  const before = process.memoryUsage().rss;
  loadNetwork(part);
  return [row('loading', (peakMemory() - before) / 1e6, 'MB (less is better)')];
};
