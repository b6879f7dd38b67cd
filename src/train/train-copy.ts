import type { MoonConfig } from '../config/config.js';
import type { Catalogue } from '../data/types.js';
import type { Encoder } from '../encoder/encoder.js';
import * as tf from '../engine/tf.js';
import type { ObjectiveKind } from '../objectives/objective.js';
import type { Pixels } from '../pictures/picture-store.js';
import { type TrainOptions, train } from './loop.js';

/**
 * A copy of a network that was trained further by one objective, for all updates of a config. The given network stays; the caller frees the copy.
 * @throws the signal's reason if aborted
 */
export async function trainCopy(
  encoder: Encoder,
  { config, objective }: { config: MoonConfig; objective: ObjectiveKind },
  { catalogue, pixels }: { catalogue: Catalogue; pixels: Pixels },
  { onStep, signal }: Pick<TrainOptions, 'onStep' | 'signal'>,
): Promise<Encoder> {
  const learner = { ...encoder, config, parameters: tf.clone(encoder.parameters) };
  try {
    await train(learner, catalogue, pixels, {
      stages: [{ objective, steps: config.optimizer.steps }],
      ...(onStep && { onStep }),
      ...(signal && { signal }),
    });
    signal?.throwIfAborted();
    return learner;
  } catch (error) {
    learner.parameters.dispose();
    throw error;
  }
}
