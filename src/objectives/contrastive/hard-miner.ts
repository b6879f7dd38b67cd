import { embedSequences } from '../../encoder/embed.js';
import type { Encoder } from '../../encoder/encoder.js';
import { productSequence, type SequenceOptions } from '../../moon/sequence.js';
import type { Pixels } from '../../pictures/picture-store.js';
import type { Sampler } from '../../sampler/sampler.js';
import { mineHard } from '../../search/mined.js';
import type { Objective, ObjectiveState } from '../objective.js';

/** How often hard negatives are mined in a run. */
const MINING_ROUNDS = 10;

/** The work before a step of an objective with mined hard negatives: at intervals, find them by the network in training. */
export function hardMiner(
  encoder: Encoder,
  sampler: Sampler,
  pixels: Pixels,
  read: SequenceOptions,
  state: ObjectiveState,
): NonNullable<Objective['before']> {
  const { negatives, optimizer } = encoder.config;
  const { hard } = negatives;
  return async (complete) => {
    if (hard.kind !== 'mined' || state.step % Math.ceil(optimizer.steps / MINING_ROUNDS) !== 0) return;
    const { products, numbers } = sampler.trainingSet;
    const sequences = products.map(({ product }) => productSequence(product, read));
    const parameters = complete();
    const embeddings = await embedSequences({ ...encoder, parameters }, sequences, pixels);
    parameters.dispose();
    const found = mineHard(embeddings, numbers, hard);
    sampler.useHard(found);
    state.extra.mined = [...found.of];
  };
}
