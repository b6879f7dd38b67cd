import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { append, writeFileAtomic } from '../../store/atomic.js';
import type { StepRecord } from '../step-record.js';

const file = (run: string) => join(run, 'metrics.jsonl');

/** Add the record of a step. @throws UserError when it cannot be written */
export function appendMetrics(run: string, record: StepRecord): void {
  append(file(run), `${JSON.stringify(record)}\n`);
}

/** Records up to a step; a half line of a process that was killed is left out. */
export function readMetrics(run: string, upTo = Number.POSITIVE_INFINITY): StepRecord[] {
  if (!existsSync(file(run))) return [];
  return readFileSync(file(run), 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as StepRecord];
      } catch {
        return [];
      }
    })
    .filter(({ step }) => step <= upTo);
}

/** Forget what was recorded after a step: it will be made again. */
export function cutMetrics(run: string, step: number): StepRecord[] {
  const kept = readMetrics(run, step);
  writeFileAtomic(file(run), kept.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return kept;
}
