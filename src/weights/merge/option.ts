import {
  boolean,
  type Filled,
  fraction,
  integer,
  list,
  number,
  oneOf,
  orElse,
  type Schema,
  tagged,
} from '../../checks/schema.js';

/** Which tensors of networks merge; the others are the base's. */
export const mergedTensors = ['all', 'language-matrices'] as const;
export type MergedTensors = (typeof mergedTensors)[number];

/** How much each model counts, in their order. */
interface Weighted {
  /** Default 1 each. */
  weights?: readonly number[];
}

/** The weighted sum of the models; their average where it is normalised (model soups, arXiv 2203.05482). */
export interface LinearOption extends Weighted {
  kind: 'linear';
  /** Divide by the sum of the weights. */
  normalize?: boolean;
}

/** From the base (0) to one other model (1) along the arc between them. */
export interface SlerpOption {
  kind: 'slerp';
  t: number;
}

interface OfTaskVectors extends Weighted {
  /** The merged task vector is multiplied by it before the base is added. */
  lambda?: number;
}

/** The weighted sum of the task vectors (arXiv 2212.04089). */
export interface TaskArithmeticOption extends OfTaskVectors {
  kind: 'task-arithmetic';
  normalize?: boolean;
}

/** What TIES divides the sum of the agreeing entries by. */
export type Divisor = 'weights' | 'count' | 'none';

/** How the models elect the sign of an entry. */
export interface ElectionOption {
  /** Of weighted task vectors, as mergekit does, or of plain ones, as PEFT does. */
  signs?: 'weighted' | 'plain';
  /** The sign where the sum is zero: positive, as in mergekit and PEFT, or the one that most entries of the tensor have, as in the paper. */
  tie?: 'positive' | 'majority';
  /** mergekit divides by the weights of the models that agree, PEFT by their number. */
  divide?: Divisor;
}

/** Keep the largest entries of each task vector, elect a sign for each entry, average those that agree (arXiv 2306.01708). */
export interface TiesOption extends OfTaskVectors, ElectionOption {
  kind: 'ties';
  /** The fraction that is kept, rounded down. */
  density?: number;
  /** The same for each model. Default `density` each. */
  densities?: readonly number[];
}

/** Drop entries at random and enlarge the rest (arXiv 2311.03099). */
export interface DareOption extends OfTaskVectors, ElectionOption {
  kind: 'dare';
  /** The probability that an entry is kept. */
  density?: number;
  /** The same for each model. Default `density` each. */
  densities?: readonly number[];
  /** Divide by the density, as in the paper and in PEFT, or restore the sum of the magnitudes, as in mergekit. */
  rescale?: 'density' | 'magnitudes' | 'none';
  /** Sum up all entries, or those of the elected sign. */
  elect?: boolean;
  seed?: number;
}

/** The sum of the task vectors with all of its singular values replaced by their mean (Iso-C, arXiv 2502.04959). */
export interface IsoOption extends OfTaskVectors {
  kind: 'iso';
}

/** The first singular triples of each task vector, made orthogonal across models (task singular vectors, arXiv 2412.00081). */
export interface TsvOption extends OfTaskVectors {
  kind: 'tsv';
}

/** How the problem is solved: by its normal equations, or by gradient steps from the start. */
export type Solve = { kind: 'closed' } | { kind: 'descent'; steps?: number; rate?: number; optimizer?: 'adam' | 'sgd' };

/** Disturb each model's own directions as little as possible (arXiv 2503.08099). What no model's directions reach stays as in `start`. */
export interface WudiOption extends OfTaskVectors {
  kind: 'wudi';
  start?: 'sum' | 'mean';
  solve?: Solve;
}

/** WUDI along its largest directions alone, softened (SWUDI of the authors' repository). */
export interface SwudiOption extends OfTaskVectors {
  kind: 'swudi';
  start?: 'sum' | 'mean';
  /** s: along a direction of eigenvalue L the result goes 1 - exp(-L s) of the way. */
  saturation?: number;
  /** The fraction of the directions, rounded up. */
  ratio?: number;
}

/** SWUDI that goes all the way along (sum of sqrt L) squared / (sum of L) directions (ASWUDI of the same repository). */
export interface AswudiOption extends OfTaskVectors {
  kind: 'aswudi';
  start?: 'sum' | 'mean';
}

/** WUDI towards low-rank task vectors (arXiv 2505.19892). */
export interface OptMergeOption extends OfTaskVectors {
  kind: 'optmerge';
  /** `full`: low rank around the mean, from the sum. `lora`: low rank by itself, from the mean. */
  tuned?: 'full' | 'lora';
  /** Singular values kept of each model. 0: the smaller side by the number of models. */
  rank?: number;
  solve?: Solve;
}

/** A random direction as long as the sum of the task vectors: a control. */
export interface RandomOption extends OfTaskVectors {
  kind: 'random';
  seed?: number;
}

export type MergeOption =
  | LinearOption
  | SlerpOption
  | TaskArithmeticOption
  | TiesOption
  | DareOption
  | IsoOption
  | TsvOption
  | WudiOption
  | SwudiOption
  | AswudiOption
  | OptMergeOption
  | RandomOption;

const weights = list(number({ help: 'how much this model counts' }), {
  leftOut: '1 each',
  help: 'how much each model counts, in their order',
});
const lambda = number({ default: 1, help: 'factor of the merged task vector' });
const normalize = (value: boolean) => boolean({ default: value, help: 'divide by the sum of the weights' });
const density = (help: string) => ({
  density: fraction({ default: 0.5, help }),
  densities: list(fraction({ help: 'of this model' }), { leftOut: 'density each', help: 'the same for each model' }),
});
const election = (divide: Divisor) => ({
  signs: oneOf(['weighted', 'plain'], { default: 'weighted', help: 'whether weights count when a sign is elected' }),
  tie: oneOf(['positive', 'majority'], { default: 'positive', help: 'the sign where the sum is zero' }),
  divide: oneOf(['weights', 'count', 'none'], {
    default: divide,
    help: 'what the sum of agreeing entries is divided by',
  }),
});
const start = oneOf(['sum', 'mean'], { default: 'sum', help: 'where directions that no model reaches stay' });
const solve = () =>
  orElse(
    tagged<Solve>('how the problem is solved', {
      closed: {},
      descent: {
        steps: integer({ default: 300, min: 1, help: 'gradient steps' }),
        rate: number({ default: 1e-5, min: 0, help: 'their size' }),
        optimizer: oneOf(['adam', 'sgd'], { default: 'adam', help: 'adam, or sgd with momentum 0.9' }),
      },
    }),
    { kind: 'closed' },
  );

export const mergeSchema: Schema<MergeOption, FilledMerge> = tagged<MergeOption, 'weights' | 'densities'>(
  'how the models are merged',
  {
    linear: { weights, normalize: normalize(true) },
    slerp: { t: fraction({ help: 'the place between the base (0) and the other model (1)' }) },
    'task-arithmetic': { weights, lambda, normalize: normalize(false) },
    ties: { weights, lambda, ...density('the fraction of entries that is kept, rounded down'), ...election('weights') },
    dare: {
      weights,
      lambda,
      ...density('the probability that an entry is kept'),
      rescale: oneOf(['density', 'magnitudes', 'none'], { default: 'density', help: 'how kept entries are enlarged' }),
      elect: boolean({ default: false, help: 'whether entries of the elected sign alone are summed up' }),
      ...election('none'),
      seed: integer({ default: 0, min: 0, help: 'which entries are kept' }),
    },
    iso: { weights, lambda },
    tsv: { weights, lambda },
    wudi: { weights, lambda, start, solve: solve() },
    swudi: {
      weights,
      lambda,
      start,
      saturation: number({ default: 300, min: 0, help: 'how far along a direction the result goes' }),
      ratio: fraction({ default: 0.65, help: 'the fraction of directions' }),
    },
    aswudi: { weights, lambda, start },
    random: { weights, lambda, seed: integer({ default: 0, min: 0, help: 'which direction' }) },
    optmerge: {
      weights,
      lambda,
      tuned: oneOf(['full', 'lora'], { default: 'full', help: 'how the models were tuned' }),
      rank: integer({ default: 0, min: 0, help: 'singular values kept of each model; 0: the smaller side / models' }),
      solve: solve(),
    },
  },
);

/** An option with its defaults. */
export type FilledMerge = Filled<MergeOption, 'weights' | 'densities'>;
export type Solved = Filled<Solve>;
export type OfKind<Kind extends MergeOption['kind']> = Extract<FilledMerge, { kind: Kind }>;
