import { withoutImages } from '../../data/drop-missing.js';
import { type TrainedOn, trainedOnOf } from '../../data/trained-on.js';
import { collectTrainingSet } from '../../data/training-set.js';
import type { Catalogue } from '../../data/types.js';
import type { Encoder } from '../../encoder/encoder.js';
import { readTrainedOn, writeTrainedOn } from '../../encoder/trained-on-file.js';
import type { Pixels } from '../../pictures/picture-store.js';

/** Keeps `trained-on.json` of a run at what its network says. */
export interface TrainedOnKeeper {
  /**
   * Tell a network that resumes what the run has seen until then. A run of an earlier moon-lab kept no record: it saw what it sees now,
   * unless its data may differ.
   */
  recall(encoder: Encoder, data: { catalogue: Catalogue; pixels: Pixels; mayDiffer: boolean }): void;
  /** Write the record of a network that says what it was trained on, where it is another than before. */
  keep(encoder: Encoder): void;
}

/** @throws UserError when the record of the run is damaged */
export function openTrainedOn(run: string): TrainedOnKeeper {
  let kept: TrainedOn | undefined = readTrainedOn(run);
  return {
    recall(encoder, { catalogue, pixels, mayDiffer }) {
      const sees = () => trainedOnOf(collectTrainingSet(withoutImages(catalogue, pixels.missing)));
      encoder.trainedOn = kept ?? (mayDiffer ? undefined : sees());
    },
    keep({ trainedOn }) {
      if (!trainedOn || trainedOn === kept) return;
      writeTrainedOn(run, trainedOn);
      kept = trainedOn;
    },
  };
}
