import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { appendToFile, writeFileAtomic } from '../../store/atomic.js';
import type { StepRecord } from '../step-record.js';

const file = (run: string) => join(run, 'metrics.jsonl');

/**
 * Append the record of a step.
 * @throws UserError if it cannot be written
 */
export function appendMetrics(run: string, record: StepRecord): void {
  appendToFile(file(run), `${JSON.stringify(record)}\n`);
}

/** Read the records up to a step. Ignores an incomplete line, left by a process that was killed. */
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

/** Delete the records after a step, which will be written again. Returns the remaining ones. */
export function cutMetrics(run: string, step: number): StepRecord[] {
  const kept = readMetrics(run, step);
  writeFileAtomic(file(run), kept.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return kept;
}
