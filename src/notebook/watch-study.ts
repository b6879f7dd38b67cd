import { writeTables } from '../ablate/report/study-page.js';
import { tableOf } from '../ablate/report/study-text.js';
import { runStudy, type StudyOptions, type StudyRun } from '../ablate/run/run-study.js';
import { studyProgress } from '../ablate/run/study-progress.js';
import { readStudyResult } from '../ablate/run/study-result.js';
import { planRows, type Study } from '../ablate/studies/study.js';
import { longCall } from '../engine/long-call.js';
import { liveTable } from './live-table.js';
import { progressBar } from './progress.js';

/** Bootstrap draws and sign flips of the intermediate tables: fewer than for the final one, to save time. */
const quick = { draws: 500, flips: 1000 };

/**
 * Run a study like `runStudy`, with a progress bar over all trials and a table that is updated after each of them, in a terminal or a
 * notebook. At the end, write the tables and the page into the study's folder.
 * @throws UserError before anything trains, for an invalid study or folder
 */
export async function watchStudy(study: Study, options: StudyOptions): Promise<StudyRun> {
  // Inside this long call `runStudy` shows no progress bar of its own in a notebook; there is already one.
  return longCall(options.signal, () => runWithDisplay(study, options));
}

async function runWithDisplay(study: Study, options: StudyOptions): Promise<StudyRun> {
  const progress = studyProgress(planRows(study).length * study.seeds.length);
  const bar = progressBar();
  const live = liveTable();
  try {
    const run = await runStudy(study, {
      ...options,
      onProgress(trial, message) {
        bar.show(progress.update(trial, message));
        options.onProgress?.(trial, message);
      },
      onEnd(trial, outcome) {
        bar.show(outcome.kind === 'stopped' ? progress.now('stopped') : progress.end(trial));
        options.onEnd?.(trial, outcome);
        if (outcome.kind !== 'finished') return;
        const result = readStudyResult(options.out, quick);
        if (result.tables.length) live.update(tableOf(result, result.tables[0]));
      },
    });
    // The intermediate tables used few draws: show the final one.
    if (run.tables.length) live.update(tableOf(run, run.tables[0]));
    writeTables(run);
    return run;
  } finally {
    bar.end();
  }
}
