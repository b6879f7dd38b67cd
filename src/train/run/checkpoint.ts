import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Best, bestOf, CHECKSUMS, checkpointName, checkpointsOf, savedSteps } from '../../encoder/checkpoints.js';
import type { Encoder } from '../../encoder/encoder.js';
import { saveEncoder } from '../../encoder/model-folder.js';
import * as tf from '../../engine/tf.js';
import { fillFolder, writeFileAtomic } from '../../store/atomic.js';
import { writeChecksums } from '../../store/checksums.js';
import { readJsonFile } from '../../store/json-file.js';
import { readHeader, readTensor, writeSafetensors } from '../../store/safetensors.js';
import type { TrainState } from '../train-state.js';

/**
 * Save a state and the network that it evaluates to, as `checkpoints/step-...`: `model/` in Hugging Face's layout,
 * `state.safetensors` with every tensor of the state, `state.json` with the rest, `checkpoint.json` with the SHA-256 of each file.
 * Keeps the last `keep` and the best.
 * @throws UserError when it cannot be written; the checkpoints before are whole then
 */
export function saveCheckpoint(run: string, state: TrainState, encoder: Encoder, { keep = 2 } = {}): void {
  const folder = join(checkpointsOf(run), checkpointName(state.step));
  fillFolder(folder, (aside) => {
    const { tensors, ...rest } = state;
    const parameters = (tensors.average ?? tensors.parameters) as tf.Tensor1D;
    saveEncoder(join(aside, 'model'), { ...encoder, parameters });
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
    writeChecksums(aside, CHECKSUMS);
  });
  const best = bestOf(run)?.step;
  for (const step of savedSteps(run).slice(0, -keep))
    if (step !== best) rmSync(join(checkpointsOf(run), checkpointName(step)), { recursive: true, force: true });
}

/** Mark a checkpoint as the best on dev so far. */
export function markBest(run: string, best: Best): void {
  writeFileAtomic(join(run, 'best.json'), JSON.stringify(best));
}

/**
 * Make room for the steps after a state that a run resumes from: checkpoints of later ones, all of them damaged, do not count any more
 * (`step-... .damaged`), and the best is the one that the state knew.
 */
export function goBackTo(run: string, { step, extra }: Pick<TrainState, 'step' | 'extra'>): void {
  for (const later of savedSteps(run).filter((each) => each > step)) {
    const folder = join(checkpointsOf(run), checkpointName(later));
    rmSync(`${folder}.damaged`, { recursive: true, force: true });
    renameSync(folder, `${folder}.damaged`);
  }
  if (extra.best) markBest(run, extra.best);
  else if ((bestOf(run)?.step ?? 0) > step) rmSync(join(run, 'best.json'));
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
