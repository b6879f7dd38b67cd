import { loadPublishedConfig } from '../../src/backbones/families.js';
import { wrongOption } from '../../src/checks/error.js';
import { startEngine } from '../../src/engine/engine.js';
import { peakMemory } from '../../src/engine/memory.js';
import { row } from './sized.js';
import type { Bench } from './table.js';
import { type Kind, pairsOf, tunedStep } from './tuned-step.js';

/** The most memory that this process held over two LoRA steps; `bench pretrained` starts one for each kind of step. */
export const rows: Bench = async ({ part }) => {
  const [, kind, folder] = part?.match(/^(kept|recomputed|packed):(.+)$/) ?? [];
  if (!folder) throw wrongOption('tuned-memory:PART', part, 'a part such as kept:FOLDER');
  await startEngine();
  const { family } = loadPublishedConfig(folder);
  const step = tunedStep(folder, pairsOf(family !== 'llama'), kind as Kind);
  for (let i = 0; i < 2; i++) step.update();
  return [row('step', peakMemory() / 1e6, 'MB (less is better)')];
};
