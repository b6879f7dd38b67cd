import type { TrainingSet } from '../data/training-set.js';
import { type RandomStream, randomStream } from '../engine/random.js';
import type { HardCandidates } from '../negatives/hard.js';
import type { HardOption } from '../negatives/options.js';
import { sameCategory } from '../negatives/same-category.js';
import { drawLabels, indexLabels, type LabelDraw } from './labels.js';
import { type SamplerOption, samplerOption } from './option.js';
import { type Draw, drawStep } from './sample.js';

/** What one step trains on, with the labels that its queries are told apart by, where a run has them. */
export interface Sample extends Draw {
  labels?: LabelDraw;
}

/** Where a run's products, queries and labels come from. */
export interface Sampler {
  /** Those of the next step. */
  sample(): Sample;
  /** Of some steps, by a stream of their own: also in a run that resumes they are those of its start. */
  preview(): Sample[];
  /** Take these for the hard negatives of products from now on. */
  useHard(candidates: HardCandidates): void;
  trainingSet: TrainingSet;
}

export interface SamplerOptions {
  seed: number;
  option: SamplerOption;
  hard: HardOption;
  /** Groups of an update (spatial negatives). */
  groups: number;
  /** Whether a step has labels. */
  labelled: boolean;
}

/** Labels of a step. */
const LABELS = 48;
/** Steps of a preview. */
const PREVIEW = 48;

/**
 * Draws by two streams of the run.
 * @param mined hard negatives that a run which resumes had found
 */
export function openSampler(
  trainingSet: TrainingSet,
  { seed, option, hard, groups, labelled }: SamplerOptions,
  streams: { draw: RandomStream; labels: RandomStream },
  mined?: HardCandidates,
): Sampler {
  const first = firstHard(hard, trainingSet);
  // Products of one category stand together as each other's hard negatives: without these, products are drawn one by one.
  const filled = samplerOption(option);
  const options = first ? filled : { ...filled, together: 1 };
  const labelsOf = indexLabels(trainingSet.products.map(({ product }) => product));
  let candidates = mined ?? first;
  const sampleBy = (from: typeof streams, hard: HardCandidates | undefined): Sample => {
    const drawn = drawStep(trainingSet, options, from.draw, { hard, groups });
    if (!labelled) return drawn;
    const own = drawn.items.map(({ product }) => labelsOf.get(product)!);
    return { ...drawn, labels: drawLabels(own, drawn.positiveOf, LABELS, from.labels) };
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

/** Hard negatives before anything is learned; mined ones are still none, but have their places in a step. */
function firstHard(hard: HardOption, { products, numbers }: TrainingSet): HardCandidates | undefined {
  if (hard.kind === 'none') return undefined;
  if (hard.kind === 'mined') return { of: new Map(), fellBack: [], without: [] };
  return sameCategory(
    products.map(({ product }) => product),
    numbers,
    hard.level,
  );
}
