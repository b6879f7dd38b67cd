import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../checks/error.js';
import { findDamage } from '../store/checksums.js';
import { readJsonFile } from '../store/json-file.js';
import { checkRunFile } from '../store/run-checksums.js';
import type { Encoder } from './encoder.js';
import { loadEncoderFolder } from './model-folder.js';
import { readTrainedOn } from './trained-on-file.js';

/** A step and its score on dev. */
export interface Best {
  step: number;
  score: number;
}

/** Selects a checkpoint: the latest undamaged one, the best on dev, or the one at a step. */
export type Which = 'last' | 'best' | number;

/** Name of the file with a checkpoint's checksums. */
export const CHECKSUMS = 'checkpoint.json';
export const checkpointsOf = (run: string) => join(run, 'checkpoints');
export const checkpointName = (step: number) => `step-${String(step).padStart(8, '0')}`;

/** The steps that have a checkpoint, in ascending order. */
export function savedSteps(run: string): number[] {
  if (!existsSync(checkpointsOf(run))) return [];
  return readdirSync(checkpointsOf(run))
    .flatMap((name) => (/^step-\d{8}$/.test(name) ? [Number(name.slice(5))] : []))
    .sort((a, b) => a - b);
}

/** The best step on dev so far; undefined if the run has not been scored. */
export function bestOf(run: string): Best | undefined {
  const file = join(run, 'best.json');
  checkRunFile(run, 'best.json');
  return existsSync(file) ? (readJsonFile(file, 'score the run again') as Best) : undefined;
}

/**
 * Find the folder of a checkpoint and verify its checksums. If the `last` one is damaged, it is reported to `onDamage` and the preceding
 * one is used.
 * @throws UserError if there is no such checkpoint, or the requested one is damaged
 */
export function findCheckpoint(run: string, which: Which, onDamage: (message: string) => void = warn): string {
  const steps = savedSteps(run);
  if (which === 'last') {
    for (const step of steps.toReversed()) {
      const folder = join(checkpointsOf(run), checkpointName(step));
      const damage = findDamage(folder, CHECKSUMS);
      if (!damage) return folder;
      onDamage(`${folder}: ${damage} Using the preceding checkpoint.`);
    }
    throw new UserError(
      `${run}: has no undamaged checkpoint. Start the run again, in another folder or without --resume.`,
    );
  }
  const step = which === 'best' ? bestOf(run)?.step : which;
  if (step === undefined || !steps.includes(step))
    throw new UserError(
      `${run}: has no checkpoint '${which}'. Choose last, or one of the steps ${steps.join(', ') || 'that a longer run saves'}.`,
    );
  const folder = join(checkpointsOf(run), checkpointName(step));
  const damage = findDamage(folder, CHECKSUMS);
  if (damage) throw new UserError(`${folder}: ${damage} Choose another checkpoint: ${steps.join(', ')}.`);
  return folder;
}

/**
 * The model folder of a run's best checkpoint on dev, or of its last one if the run was never scored; a folder that is not a run itself.
 * @throws UserError as `findCheckpoint`
 */
export function modelFolderOf(folder: string): string {
  if (existsSync(join(folder, 'config.json')) || !savedSteps(folder).length) return folder;
  return join(findCheckpoint(folder, bestOf(folder) ? 'best' : 'last'), 'model');
}

/**
 * Load the encoder of a run at its best checkpoint on dev, or at the last one if the run was never scored. Dispose its parameters when
 * done.
 * @throws UserError if there is no undamaged checkpoint
 * @example
 * ```ts
 * const encoder = moon.loadBest('runs/start/seed-1');
 * const { vectors } = await moon.embed(encoder, [{ id: 'q', text: 'green apple' }]);
 * encoder.parameters.dispose();
 * ```
 */
export function loadBest(run: string): Encoder {
  return loadEncoder(run, bestOf(run) ? 'best' : 'last');
}

/**
 * Load the encoder of a run. Dispose its parameters when done.
 * @throws UserError if there is no such checkpoint, or it is damaged
 */
export function loadEncoder(run: string, which: Which = 'last'): Encoder {
  return { ...loadEncoderFolder(join(findCheckpoint(run, which), 'model')), trainedOn: readTrainedOn(run) };
}

function warn(message: string): void {
  process.stderr.write(`moon-lab: ${message}\n`);
}
