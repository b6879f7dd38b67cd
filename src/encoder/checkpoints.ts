import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../checks/error.js';
import { damageOf } from '../store/checksums.js';
import { readJsonFile } from '../store/json-file.js';
import { checkListed } from '../store/run-checksums.js';
import type { Encoder } from './encoder.js';
import { loadEncoderFolder } from './model-folder.js';
import { readTrainedOn } from './trained-on-file.js';

/** A step and what its network scored. */
export interface Best {
  step: number;
  score: number;
}

/** Which checkpoint: the latest that is whole, the best on dev, or that of a step. */
export type Which = 'last' | 'best' | number;

/** Lists a checkpoint's files. */
export const CHECKSUMS = 'checkpoint.json';
export const checkpointsOf = (run: string) => join(run, 'checkpoints');
export const checkpointName = (step: number) => `step-${String(step).padStart(8, '0')}`;

/** Steps that have a checkpoint, in order. */
export function savedSteps(run: string): number[] {
  if (!existsSync(checkpointsOf(run))) return [];
  return readdirSync(checkpointsOf(run))
    .flatMap((name) => (/^step-\d{8}$/.test(name) ? [Number(name.slice(5))] : []))
    .sort((a, b) => a - b);
}

/** The best on dev so far; undefined where nothing was scored. */
export function bestOf(run: string): Best | undefined {
  const file = join(run, 'best.json');
  checkListed(run, 'best.json');
  return existsSync(file) ? (readJsonFile(file, 'score the run again') as Best) : undefined;
}

/**
 * The folder of a checkpoint, every byte of it checked. Of `last`, a damaged one is named in `onDamage` and the one before is taken.
 * @throws UserError when there is none, or the one that is wanted is damaged
 */
export function findCheckpoint(run: string, which: Which, onDamage: (message: string) => void = warn): string {
  const steps = savedSteps(run);
  if (which === 'last') {
    for (const step of steps.toReversed()) {
      const folder = join(checkpointsOf(run), checkpointName(step));
      const damage = damageOf(folder, CHECKSUMS);
      if (!damage) return folder;
      onDamage(`${folder}: ${damage} The checkpoint before it is used.`);
    }
    throw new UserError(`${run}: has no whole checkpoint. Start the run again, in another folder or without --resume.`);
  }
  const step = which === 'best' ? bestOf(run)?.step : which;
  if (step === undefined || !steps.includes(step))
    throw new UserError(
      `${run}: has no checkpoint '${which}'. Take last, or one of the steps ${steps.join(', ') || 'that a longer run saves'}.`,
    );
  const folder = join(checkpointsOf(run), checkpointName(step));
  const damage = damageOf(folder, CHECKSUMS);
  if (damage) throw new UserError(`${folder}: ${damage} Take another one of ${steps.join(', ')}.`);
  return folder;
}

/** The network of a run at its best on dev, or at its last checkpoint where it never looked. Dispose its parameters when done. */
export function loadBest(run: string): Encoder {
  return loadEncoder(run, bestOf(run) ? 'best' : 'last');
}

/** The network of a run, ready to embed. Dispose its parameters when done. */
export function loadEncoder(run: string, which: Which = 'last'): Encoder {
  return { ...loadEncoderFolder(join(findCheckpoint(run, which), 'model')), trainedOn: readTrainedOn(run) };
}

function warn(message: string): void {
  process.stderr.write(`moon-lab: ${message}\n`);
}
