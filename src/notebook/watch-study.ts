import { writeTables } from '../ablate/report/study-page.js';
import { tableOf } from '../ablate/report/study-text.js';
import { runStudy, type StudyOptions, type StudyRun } from '../ablate/run/run-study.js';
import { studyProgress } from '../ablate/run/study-progress.js';
import { readStudyResult } from '../ablate/run/study-result.js';
import { planRows, type Study } from '../ablate/studies/study.js';
import { longCall } from '../engine/long-call.js';
import { liveTable } from './live-table.js';
import { progressBar } from './progress.js';

/** How often a table that grows is drawn anew: quicker than the final one. */
const quick = { draws: 500, flips: 1000 };

/**
 * `runStudy`, looked at: a progress bar over all trials, a table that grows with every finished trial, in a terminal or a notebook, and
 * the tables and the page written into the study's folder in the end.
 * @throws UserError before anything trains, for a study or a folder that is not in order
 */
export async function watchStudy(study: Study, options: StudyOptions): Promise<StudyRun> {
  // With a bar of its own: the one that a long call has in a notebook would be the second.
  return longCall(options.signal, () => showCells(study, options));
}

async function showCells(study: Study, options: StudyOptions): Promise<StudyRun> {
  const progress = studyProgress(planRows(study).length * study.seeds.length);
  const bar = progressBar();
  const live = liveTable();
  try {
    const run = await runStudy(study, {
      ...options,
      onProgress(trial, told) {
        bar.show(progress.tell(trial, told));
        options.onProgress?.(trial, told);
      },
      onEnd(trial, outcome) {
        bar.show(outcome.kind === 'stopped' ? progress.now('stopped') : progress.end(trial));
        options.onEnd?.(trial, outcome);
        if (outcome.kind !== 'finished') return;
        const result = readStudyResult(options.out, quick);
        if (result.tables.length) live.update(tableOf(result, result.tables[0]));
      },
    });
    // While it grew it was drawn from few draws: what stays is what the folder says.
    if (run.tables.length) live.update(tableOf(run, run.tables[0]));
    writeTables(run);
    return run;
  } finally {
    bar.end();
  }
}
