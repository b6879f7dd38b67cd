import type { MoonConfig } from '../config/config.js';
import { withSteps } from '../config/with-steps.js';
import type { Catalogue } from '../data/types.js';
import type { Encoder } from '../encoder/encoder.js';
import { captions } from '../objectives/captions/captions.js';
import { type GroupRelativeOption, groupRelative } from '../objectives/group-relative/group-relative.js';
import type { ObjectiveKind } from '../objectives/objective.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { StepRecord } from '../train/step-record.js';
import { trainCopy } from '../train/train-copy.js';
import { parseAnswer } from './answer.js';
import { exact } from './rewards/exact.js';
import { format } from './rewards/format.js';
import { knowledge } from './rewards/knowledge.js';
import type { GraphReward } from './rewards/reward.js';
import type { GraphSettings } from './study-settings.js';

/** What a network learns from, and for how long. */
export interface Lessons {
  catalogue: Catalogue;
  pixels: Pixels;
  steps: number;
  onStep(record: StepRecord): void;
  signal: AbortSignal;
}

/** A copy of a network that has learned to answer. */
export const learnAnswers = (encoder: Encoder, lessons: Lessons): Promise<Encoder> =>
  further(encoder, withSteps(encoder.config, lessons.steps), captions, lessons);

/** A copy of a network that has learned from so many updates more of the last stage: as many questions a step as texts are sampled with a reward. */
export function learnMore(
  encoder: Encoder,
  { rate, questions, samples }: GraphSettings['reward'],
  lessons: Lessons,
): Promise<Encoder> {
  return further(encoder, lastConfig(encoder, lessons.steps, rate, questions * samples), captions, lessons);
}

/** A copy of a network that has learned from a reward of what it writes itself. */
export function learnFromReward(
  encoder: Encoder,
  reward: GroupRelativeOption['reward'],
  { rate, questions, samples, temperature, most }: GraphSettings['reward'] & { most: number },
  lessons: Lessons,
): Promise<Encoder> {
  const stage = groupRelative({ question: 'attribute', reward, products: questions, samples, most, temperature });
  return further(encoder, lastConfig(encoder, lessons.steps, rate, questions), stage, lessons);
}

/** Beside what is to be learned, a small reward of the form keeps answers readable. */
const FORM = 0.1;

/** The reward of a text by the answer that the question has: the right answer counts 1, and with `isKnown` the triples that it lists as much. */
export function rewardOf(isKnown: boolean): GroupRelativeOption['reward'] {
  const parts: GraphReward[] = isKnown ? [exact, knowledge] : [exact];
  return ({ text }, _product, asked) => {
    const [written, right] = [parseAnswer(text), parseAnswer(asked.text)!];
    return FORM * format(written, right) + parts.reduce((sum, part) => sum + part(written, right), 0);
  };
}

/** Few updates, so that neither an average nor a long warm-up would let them matter. */
function lastConfig({ config }: Encoder, steps: number, rate: number, products: number): MoonConfig {
  return {
    ...config,
    sampler: { ...config.sampler, products },
    average: { kind: 'none' },
    optimizer: { ...config.optimizer, steps, rate, warmUpSteps: Math.min(3, steps - 1) },
  };
}

const further = (
  encoder: Encoder,
  config: MoonConfig,
  objective: ObjectiveKind,
  { catalogue, pixels, onStep, signal }: Lessons,
): Promise<Encoder> => trainCopy(encoder, { config, objective }, { catalogue, pixels }, { onStep, signal });
