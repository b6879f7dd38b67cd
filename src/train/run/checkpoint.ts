import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../checks/error.js';
import type { Trained } from '../../encoder/encoder.js';
import { loadTrainedFolder, saveTrained } from '../../encoder/model-folder.js';
import * as tf from '../../engine/tf.js';
import { damageOf, writeChecksums } from '../../store/checksums.js';
import { readJsonFile } from '../../store/json-file.js';
import { readHeader, readTensor, writeSafetensors } from '../../store/safetensors.js';
import { fillWhole, writeWhole } from '../../store/write-whole.js';
import type { Best, TrainState } from '../train-state.js';
import { checkListed } from './run-checksums.js';

/** Which checkpoint: the latest that is whole, the best on dev, or that of a step. */
export type Which = 'last' | 'best' | number;

/** Lists a checkpoint's files. */
const LIST = 'checkpoint.json';
const checkpoints = (run: string) => join(run, 'checkpoints');
const nameOf = (step: number) => `step-${String(step).padStart(8, '0')}`;

/**
 * Save a state and the network that it evaluates to, as `checkpoints/step-...`: `model/` in Hugging Face's layout,
 * `state.safetensors` with every tensor of the state, `state.json` with the rest, `checkpoint.json` with the SHA-256 of each file.
 * Keeps the last `keep` and the best.
 * @throws UserError when it cannot be written; the checkpoints before are whole then
 */
export function saveCheckpoint(run: string, state: TrainState, trained: Trained, { keep = 2 } = {}): void {
  const folder = join(checkpoints(run), nameOf(state.step));
  mkdirSync(checkpoints(run), { recursive: true });
  fillWhole(folder, (aside) => {
    const { tensors, ...rest } = state;
    const parameters = (tensors.average ?? tensors.parameters) as tf.Tensor1D;
    saveTrained(join(aside, 'model'), { ...trained, parameters });
    writeSafetensors(
      join(aside, 'state.safetensors'),
      Object.entries(tensors).map(([name, tensor]) => ({
        name,
        shape: tensor.shape,
        dtype: tensor.dtype === 'int32' ? 'I32' : 'F32',
        values: () => tensor.dataSync() as Float32Array | Int32Array,
      })),
    );
    writeFileSync(join(aside, 'state.json'), JSON.stringify(rest));
    writeChecksums(aside, LIST);
  });
  const best = bestOf(run)?.step;
  for (const step of savedSteps(run).slice(0, -keep))
    if (step !== best) rmSync(join(checkpoints(run), nameOf(step)), { recursive: true, force: true });
}

/** Steps that have a checkpoint, in order. */
export function savedSteps(run: string): number[] {
  if (!existsSync(checkpoints(run))) return [];
  return readdirSync(checkpoints(run))
    .flatMap((name) => (/^step-\d{8}$/.test(name) ? [Number(name.slice(5))] : []))
    .sort((a, b) => a - b);
}

/** Mark a checkpoint as the best on dev so far. */
export function markBest(run: string, best: Best): void {
  writeWhole(join(run, 'best.json'), JSON.stringify(best));
}

/**
 * Make room for the steps after a state that a run goes on from: checkpoints of later ones, all of them damaged, do not count any more
 * (`step-... .damaged`), and the best is the one that the state knew.
 */
export function goBackTo(run: string, { step, extra }: Pick<TrainState, 'step' | 'extra'>): void {
  for (const later of savedSteps(run).filter((each) => each > step)) {
    const folder = join(checkpoints(run), nameOf(later));
    rmSync(`${folder}.damaged`, { recursive: true, force: true });
    renameSync(folder, `${folder}.damaged`);
  }
  if (extra.best) markBest(run, extra.best);
  else if ((bestOf(run)?.step ?? 0) > step) rmSync(join(run, 'best.json'));
}

/** The best on dev so far; undefined where nothing was scored. */
export function bestOf(run: string): Best | undefined {
  const file = join(run, 'best.json');
  checkListed(run, 'best.json');
  return existsSync(file) ? (readJsonFile(file, 'score the run again') as Best) : undefined;
}

/**
 * The folder of a checkpoint, every byte of it checked. Of `last`, a damaged one is named in `onDamage` and the one before is taken.
 * @throws UserError when there is none, or the one asked for is damaged
 */
export function findCheckpoint(run: string, which: Which, onDamage: (message: string) => void = warn): string {
  const steps = savedSteps(run);
  if (which === 'last') {
    for (const step of steps.toReversed()) {
      const folder = join(checkpoints(run), nameOf(step));
      const damage = damageOf(folder, LIST);
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
  const folder = join(checkpoints(run), nameOf(step));
  const damage = damageOf(folder, LIST);
  if (damage) throw new UserError(`${folder}: ${damage} Take another one of ${steps.join(', ')}.`);
  return folder;
}

/** The state of a checkpoint. Its tensors are the caller's. */
export function readState(checkpoint: string): TrainState {
  const source = readHeader(join(checkpoint, 'state.safetensors'));
  const tensors = Object.fromEntries(
    [...source.tensors].map(([name, { shape, dtype }]) => [
      name,
      tf.tensor(readTensor(source, name), shape, dtype === 'I32' ? 'int32' : 'float32'),
    ]),
  );
  const rest = readJsonFile(join(checkpoint, 'state.json'), 'take another checkpoint') as unknown;
  return { ...(rest as Omit<TrainState, 'tensors'>), tensors };
}

/** The network of a run, ready to embed. Dispose its parameters when done. */
export function loadTrained(run: string, which: Which = 'last'): Trained {
  return loadTrainedFolder(join(findCheckpoint(run, which), 'model'));
}

function warn(message: string): void {
  process.stderr.write(`moon-lab: ${message}\n`);
}
