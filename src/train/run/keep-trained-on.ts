import { withoutImages } from '../../data/drop-missing.js';
import { type TrainedOn, trainedOnOf } from '../../data/trained-on.js';
import { collectTrainingSet } from '../../data/training-set.js';
import type { Catalogue } from '../../data/types.js';
import type { Encoder } from '../../encoder/encoder.js';
import { readTrainedOn, writeTrainedOn } from '../../encoder/trained-on-file.js';
import type { Pixels } from '../../pictures/picture-store.js';

/** Keeps `trained-on.json` of a run up to date. */
export interface TrainedOnKeeper {
  /**
   * Restore the record of a resumed encoder. A run of an earlier version of moon-lab has no record: it is computed from the current data,
   * unless the data may differ.
   */
  restore(encoder: Encoder, data: { catalogue: Catalogue; pixels: Pixels; mayDiffer: boolean }): void;
  /** Write the encoder's record if it has changed. */
  save(encoder: Encoder): void;
}

/**
 * Open the record of a run.
 * @throws UserError if the record is damaged
 */
export function openTrainedOn(run: string): TrainedOnKeeper {
  let kept: TrainedOn | undefined = readTrainedOn(run);
  return {
    restore(encoder, { catalogue, pixels, mayDiffer }) {
      const sees = () => trainedOnOf(collectTrainingSet(withoutImages(catalogue, pixels.missing)));
      encoder.trainedOn = kept ?? (mayDiffer ? undefined : sees());
    },
    save({ trainedOn }) {
      if (!trainedOn || trainedOn === kept) return;
      writeTrainedOn(run, trainedOn);
      kept = trainedOn;
    },
  };
}
