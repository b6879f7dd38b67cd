import { readFileSync } from 'node:fs';
import { wrongOption } from '../../src/checks/error.js';
import { startEngine } from '../../src/engine/engine.js';
import { peakMemory } from '../../src/engine/memory.js';
import type { SizeName } from '../../src/pictures/tower-option.js';
import { row, sizedBatch, sizedMoon } from './sized.js';
import type { Bench } from './table.js';
import { moonWork, trainingStep } from './training-step.js';

/**
 * The most memory that this process held over three steps, and what of its memory is mapped from files; `bench step` starts one for each kind
 * of step.
 */
export const rows: Bench = async ({ part }) => {
  const [, size, kind, mode] = part?.match(/^(nano|tiny|small)-(dense|guided)-(eager|compiled)$/) ?? [];
  if (!mode) throw wrongOption('step-memory:PART', part, 'a part such as tiny-dense-compiled');
  await startEngine();
  const model = sizedMoon(size as SizeName, kind as 'dense' | 'guided');
  const step = trainingStep(moonWork(model, sizedBatch(size as SizeName, model)), mode === 'compiled');
  for (let i = 0; i < 3; i++) step.run();
  const mapped = 1024 * Number(/^RssFile:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
  return [
    row(part as string, peakMemory() / 1e6, 'MB (less is better)'),
    row('of it mapped from files', mapped / 1e6, 'MB (less is better)'),
  ];
};
