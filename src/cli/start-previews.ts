import { join } from 'node:path';
import { tableOf } from '../ablate/report/study-text.js';
import { runStudy } from '../ablate/run/run-study.js';
import type { StudyResult } from '../ablate/run/study-result.js';
import { paper } from '../ablate/studies/ready-studies.js';
import { UserError } from '../checks/error.js';
import type { MoonConfig } from '../config/config.js';
import type { Table } from '../figures/figure.js';

/**
 * Train the base and the paper's three removals for an equal, short budget, and measure them on the same queries: the study `paper` in
 * small, in this process. What was previewed before, in the same way, is taken from there.
 * @param data folder of the data
 */
export async function previewRemovals(
  base: MoonConfig,
  data: string,
  out: string,
  steps: number,
  onStep: (name: string, done: number) => void,
): Promise<StudyResult> {
  const study = {
    ...paper,
    name: 'previews',
    base,
    seeds: [base.seed],
    data: { kind: 'folder', path: data },
    budget: { kind: 'items', steps },
    // Previews are looked at again and again: validation is kept for what is final.
    split: 'dev',
  } as const;
  const folder = join(out, 'previews');
  const run = await runStudy(study, {
    out: folder,
    on: { kind: 'here' },
    onProgress: ({ row }, { label, done }) => {
      if (label === 'training') onStep(row, done);
    },
  });
  const [failure] = run.failed;
  if (failure) throw new UserError(`preview, ${failure.row}: ${failure.why}`);
  return run;
}

/** The previews as a table that says what it is and what it cannot tell. */
export function previewTable(previews: StudyResult): Table {
  return tableOf(previews, previews.tables[0]);
}
