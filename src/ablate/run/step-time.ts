import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../checks/error.js';
import { withSteps } from '../../config/with-steps.js';
import { writeFileAtomic } from '../../store/atomic.js';
import { valueHash } from '../../store/content-hash.js';
import { readJsonFile } from '../../store/json-file.js';
import { readMetrics } from '../../train/run/metrics-file.js';
import type { StudyProvenance } from '../../train/run/provenance.js';
import type { PlannedRow } from '../studies/planned-rows.js';
import type { Study } from '../studies/study.js';
import { STEP_TIMES } from './older-files.js';
import type { RunTrials, TrialWatch } from './run-trials.js';
import { readResult, type Trial, trialFolder, writeTrial } from './trial.js';

/** Number of updates in a measurement, and how many of the first ones are ignored, since they include compilation. */
const STEPS = 12;
const WARM_UP = 4;

/**
 * Measure the step time of every row with short runs under the conditions of its trials. The result is saved in the study's folder, so that
 * the number of updates of a row does not change when the study resumes.
 * @returns seconds per update, by row
 * @throws UserError if a row cannot be trained, or if the signal stopped the measurement
 */
export async function measureStepTimes(
  folder: string,
  study: Study,
  rows: readonly PlannedRow[],
  provenance: StudyProvenance,
  run: RunTrials,
  watch: Pick<TrialWatch, 'signal' | 'onProgress'>,
): Promise<Map<string, number>> {
  const file = join(folder, STEP_TIMES);
  const stepTimes = existsSync(file)
    ? (readJsonFile(file, 'delete it, and the step times are measured again') as StepTimes)
    : {};
  const keyOf = ({ config }: PlannedRow) => valueHash([config, provenance.threads]).slice(0, 16);
  const unknown = rows.filter((row) => stepTimes[keyOf(row)] === undefined);
  const below = join(folder, 'step-times');
  const places = unknown.map((row) => ({ row, ...shortTrial(below, study, row, provenance) }));
  for (const { place, trial } of places) writeTrial(place, trial);
  const failed: string[] = [];
  await run(
    places.filter(({ place, trial }) => !readResult(place, trial)).map(({ place }) => place),
    {
      ...watch,
      onEnd: (_, outcome) => {
        if (outcome.kind === 'failed') failed.push(outcome.why);
      },
    },
  );
  if (failed.length) throw new UserError(`study.budget: could not measure the step time of a row. ${failed[0]}`);
  if (places.some(({ place, trial }) => !readResult(place, trial)))
    throw new UserError('study: stopped while measuring the step times of its rows. The same command resumes.');
  for (const { row, place } of places) {
    const steps = readMetrics(join(place, 'run')).slice(WARM_UP);
    stepTimes[keyOf(row)] = median(steps.map(({ seconds }) => seconds));
  }
  writeFileAtomic(file, `${JSON.stringify(stepTimes, null, 2)}\n`);
  rmSync(below, { recursive: true, force: true });
  return new Map(rows.map((row) => [row.name, stepTimes[keyOf(row)]]));
}

/** Seconds per update, by a hash of the config and the number of threads. */
type StepTimes = Record<string, number>;

/** A trial of a few updates that evaluates no task. */
function shortTrial(folder: string, study: Study, { name: row, config }: PlannedRow, shared: StudyProvenance) {
  const { seeds, data, split } = study;
  const [seed] = seeds;
  const provenance = { ...shared, config: { ...withSteps(config, STEPS), seed } };
  const trial: Trial = { row, seed, data, split, tasks: [], provenance, allow: [] };
  return { place: trialFolder(folder, trial), trial };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
