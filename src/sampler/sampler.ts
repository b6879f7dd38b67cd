import type { TrainingSet } from '../data/training-set.js';
import { type RandomStream, randomStream } from '../engine/random.js';
import type { HardCandidates } from '../negatives/hard.js';
import type { HardOption } from '../negatives/options.js';
import { sameCategory } from '../negatives/same-category.js';
import { type LabelSample, sampleLabels, sharedLabels } from './labels.js';
import { type SamplerOption, samplerOption } from './option.js';
import { type StepSample, sampleStep } from './sample.js';

/** The content of one step, with labels if the run uses them. */
export interface Sample extends StepSample {
  labels?: LabelSample;
}

/** Samples the products, queries and labels of a run. */
export interface Sampler {
  /** Sample the next step. */
  sample(): Sample;
  /** Sample some steps with a separate random stream, to plan batch shapes. A resumed run gets the same preview as at its start. */
  preview(): Sample[];
  /** Use these candidates for hard negatives from now on. */
  useHard(candidates: HardCandidates): void;
  trainingSet: TrainingSet;
}

export interface SamplerOptions {
  seed: number;
  option: SamplerOption;
  hard: HardOption;
  /** Number of groups in an update (spatial negatives). */
  groups: number;
  /** Whether steps contain labels. */
  labelled: boolean;
}

/** Number of labels per step. */
const LABELS = 48;
/** Number of steps in a preview. */
const PREVIEW = 48;

/**
 * Create the sampler of a run. It uses two of the run's random streams.
 * @param mined hard negatives that a resumed run had already mined
 */
export function openSampler(
  trainingSet: TrainingSet,
  { seed, option, hard, groups, labelled }: SamplerOptions,
  streams: { draw: RandomStream; labels: RandomStream },
  mined?: HardCandidates,
): Sampler {
  const first = firstHard(hard, trainingSet);
  // Sampling products of one category together only serves hard negatives. Without these, products are sampled one by one.
  const filled = samplerOption(option);
  const options = first ? filled : { ...filled, together: 1 };
  const labelsOf = sharedLabels();
  let candidates = mined ?? first;
  const sampleBy = (from: typeof streams, hard: HardCandidates | undefined): Sample => {
    const drawn = sampleStep(trainingSet, options, from.draw, { hard, groups });
    if (!labelled) return drawn;
    const own = drawn.items.map(({ product }) => labelsOf(product));
    return { ...drawn, labels: sampleLabels(own, drawn.positiveOf, LABELS, from.labels) };
  };
  return {
    sample: () => sampleBy(streams, candidates),
    preview() {
      const stream = randomStream(seed, 'shapes');
      return Array.from({ length: PREVIEW }, () => sampleBy({ draw: stream, labels: stream }, first));
    },
    useHard(found) {
      candidates = found;
    },
    trainingSet,
  };
}

/** The hard negatives at the start. Mined ones do not exist yet, but have their places in a step. */
function firstHard(hard: HardOption, { products, numbers }: TrainingSet): HardCandidates | undefined {
  if (hard.kind === 'none') return undefined;
  if (hard.kind === 'mined') return { of: new Map(), fellBack: [], without: [] };
  return sameCategory(
    products.map(({ product }) => product),
    numbers,
    hard.level,
  );
}
