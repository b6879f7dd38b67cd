import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Best, bestOf, CHECKSUMS, checkpointName, checkpointsOf, savedSteps } from '../../encoder/checkpoints.js';
import type { Encoder } from '../../encoder/encoder.js';
import { saveEncoder } from '../../encoder/model-folder.js';
import * as tf from '../../engine/tf.js';
import { writeFileAtomic, writeFolderAtomic } from '../../store/atomic.js';
import { writeChecksums } from '../../store/checksums.js';
import { readJsonFile } from '../../store/json-file.js';
import { readHeader, readTensor, writeSafetensors } from '../../store/safetensors.js';
import { saveLora } from '../../weights/lora-file.js';
import type { TrainState } from '../train-state.js';
import { evaluatedParameters, evaluatedTensor, type Tuning } from '../tuning/tuning.js';

/**
 * Save a state as `checkpoints/step-...`: `model/` with the weights to evaluate in Hugging Face's layout, `state.safetensors` with every
 * tensor of the state, `adapter/` in PEFT's format for LoRA, `state.json` with the rest, and `checkpoint.json` with the SHA-256 of each file. Keeps the last `keep` checkpoints
 * and the best.
 * @throws UserError if it cannot be written; earlier checkpoints are then unchanged
 */
export function saveCheckpoint(
  run: string,
  state: TrainState,
  encoder: Encoder,
  { keep = 2, tuning }: { keep?: number; tuning: Tuning },
): void {
  const folder = join(checkpointsOf(run), checkpointName(state.step));
  writeFolderAtomic(folder, (aside) => {
    const { tensors, ...rest } = state;
    tf.tidy(() => {
      saveEncoder(join(aside, 'model'), { ...encoder, parameters: evaluatedParameters(state, tuning) });
      const adapter = tuning.adapterOf?.(evaluatedTensor(state));
      const { network: start } = encoder.config;
      const base = 'from' in start ? start.from : null;
      if (adapter) saveLora(adapter, join(aside, 'adapter'), { base, network: encoder.model.network });
    });
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

/** Record a checkpoint as the best on dev so far. */
export function markBest(run: string, best: Best): void {
  writeFileAtomic(join(run, 'best.json'), JSON.stringify(best));
}

/**
 * Reset a run folder to a state from which the run resumes: checkpoints of later steps, all of them damaged, are renamed to `step-...
 * .damaged`, and the best checkpoint is that of the state.
 */
export function resetTo(run: string, { step, extra }: Pick<TrainState, 'step' | 'extra'>): void {
  for (const later of savedSteps(run).filter((each) => each > step)) {
    const folder = join(checkpointsOf(run), checkpointName(later));
    rmSync(`${folder}.damaged`, { recursive: true, force: true });
    renameSync(folder, `${folder}.damaged`);
  }
  if (extra.best) markBest(run, extra.best);
  else if ((bestOf(run)?.step ?? 0) > step) rmSync(join(run, 'best.json'));
}

/** Read the state of a checkpoint. The caller owns its tensors. */
export function readState(checkpoint: string): TrainState {
  const source = readHeader(join(checkpoint, 'state.safetensors'));
  const tensors = Object.fromEntries(
    [...source.tensors].map(([name, { shape, dtype }]) => [
      name,
      tf.tensor(readTensor(source, name), shape, dtype === 'I32' ? 'int32' : 'float32'),
    ]),
  );
  const rest = readJsonFile(join(checkpoint, 'state.json'), 'use another checkpoint') as unknown;
  return { ...(rest as Omit<TrainState, 'tensors'>), tensors };
}
