import { UserError } from '../../../checks/error.js';
import type { FilledMerge, MergedTensors } from '../option.js';

/** The settings of one tensor, from the recipe: numbers and switches for all models, and for each of them. */
export interface TensorSettings {
  all: Readonly<Record<string, number | boolean | undefined>>;
  /** In the order of the models that are merged; the base is not one of them. */
  models: readonly Readonly<Record<string, number | boolean | undefined>>[];
}

/** A method of recipes, by the name that it has there. */
export interface MethodOfRecipes {
  /** Settings that it knows. */
  parameters: { ofAll: readonly string[]; ofModels: readonly string[] };
  /** Which tensors merge unless the recipe says otherwise: all in mergekit's own methods. */
  tensors: MergedTensors;
  /** Whether the models are compared with a base, which the recipe must name. */
  needsBase: boolean;
  option(settings: TensorSettings): FilledMerge;
}

const numberOf = (value: number | boolean | undefined, otherwise: number) =>
  value === undefined ? otherwise : Number(value);

/** mergekit has no default for the weight of a model. */
function requiredWeights({ models }: TensorSettings): number[] {
  return models.map(({ weight }) => {
    if (weight === undefined) throw new UserError('weight is missing: give each model parameters: { weight: 1 }.');
    return Number(weight);
  });
}

const weightsOr1 = ({ models }: TensorSettings) => models.map(({ weight }) => numberOf(weight, 1));

function densities({ models }: TensorSettings): number[] {
  return models.map(({ density }) => {
    const found = numberOf(density, 1);
    if (!(found > 0 && found <= 1))
      throw new UserError(`density is ${found}; a fraction above 0 and up to 1 of a task vector can be kept.`);
    return found;
  });
}

const taskVectors = { ofAll: ['lambda', 'normalize', 'int8_mask'], ofModels: ['weight'] };
const sparse = { ofAll: [...taskVectors.ofAll, 'rescale'], ofModels: ['weight', 'density'] };
const election = (normalize: boolean) =>
  ({ signs: 'weighted', tie: 'positive', divide: normalize ? 'weights' : 'none' }) as const;
const lambdaOf = ({ all }: TensorSettings) => numberOf(all.lambda, 1);
const isSet = (value: number | boolean | undefined, otherwise: boolean) =>
  value === undefined ? otherwise : Boolean(value);

const dare = (elect: boolean): MethodOfRecipes => ({
  parameters: { ...sparse, ofAll: [...sparse.ofAll, 'seed'] },
  tensors: 'all',
  needsBase: true,
  option: (settings) => ({
    kind: 'dare',
    weights: requiredWeights(settings),
    densities: densities(settings),
    density: 1,
    lambda: lambdaOf(settings),
    rescale: isSet(settings.all.rescale, true) ? 'magnitudes' : 'none',
    elect,
    ...election(isSet(settings.all.normalize, false)),
    seed: numberOf(settings.all.seed, 0),
  }),
});

/** A method of matrices that mergekit does not have; its settings carry the names of our options. */
const matrices = (ofAll: readonly string[], option: (settings: TensorSettings) => FilledMerge): MethodOfRecipes => ({
  parameters: { ofAll: ['lambda', ...ofAll], ofModels: ['weight'] },
  tensors: 'language-matrices',
  needsBase: true,
  option,
});

const shared = (settings: TensorSettings) => ({ weights: weightsOr1(settings), lambda: lambdaOf(settings) });
const startOf = ({ all }: TensorSettings) => (isSet(all.mean_start, false) ? ('mean' as const) : ('sum' as const));
const solveOf = ({ all }: TensorSettings) =>
  all.steps === undefined
    ? ({ kind: 'closed' } as const)
    : ({
        kind: 'descent',
        steps: Number(all.steps),
        rate: numberOf(all.rate, 1e-5),
        optimizer: isSet(all.sgd, false) ? 'sgd' : 'adam',
      } as const);

export const methods = {
  linear: {
    parameters: { ofAll: ['normalize'], ofModels: ['weight'] },
    tensors: 'all',
    needsBase: false,
    option: (settings) => ({
      kind: 'linear',
      weights: requiredWeights(settings),
      normalize: isSet(settings.all.normalize, true),
    }),
  },
  slerp: {
    parameters: { ofAll: ['t'], ofModels: [] },
    tensors: 'all',
    needsBase: true,
    option: ({ all }) => {
      if (all.t === undefined)
        throw new UserError('t is missing: give parameters: { t: 0.5 }, a list, or one for each filter.');
      return { kind: 'slerp', t: Number(all.t) };
    },
  },
  task_arithmetic: {
    parameters: taskVectors,
    tensors: 'all',
    needsBase: true,
    option: (settings) => ({
      kind: 'task-arithmetic',
      weights: requiredWeights(settings),
      lambda: lambdaOf(settings),
      normalize: isSet(settings.all.normalize, false),
    }),
  },
  ties: {
    parameters: { ...sparse, ofAll: taskVectors.ofAll },
    tensors: 'all',
    needsBase: true,
    option: (settings) => ({
      kind: 'ties',
      weights: requiredWeights(settings),
      densities: densities(settings),
      density: 1,
      lambda: lambdaOf(settings),
      ...election(isSet(settings.all.normalize, true)),
    }),
  },
  dare_ties: dare(true),
  dare_linear: dare(false),
  iso_c: matrices([], (settings) => ({ kind: 'iso', ...shared(settings) })),
  tsv: matrices([], (settings) => ({ kind: 'tsv', ...shared(settings) })),
  wudi: matrices(['mean_start', 'steps', 'rate', 'sgd'], (settings) => ({
    kind: 'wudi',
    ...shared(settings),
    start: startOf(settings),
    solve: solveOf(settings),
  })),
  swudi: matrices(['mean_start', 'saturation', 'ratio'], (settings) => ({
    kind: 'swudi',
    ...shared(settings),
    start: startOf(settings),
    saturation: numberOf(settings.all.saturation, 300),
    ratio: numberOf(settings.all.ratio, 0.65),
  })),
  aswudi: matrices(['mean_start'], (settings) => ({ kind: 'aswudi', ...shared(settings), start: startOf(settings) })),
  optmerge: matrices(['lora', 'rank', 'steps', 'rate', 'sgd'], (settings) => ({
    kind: 'optmerge',
    ...shared(settings),
    tuned: isSet(settings.all.lora, false) ? 'lora' : 'full',
    rank: numberOf(settings.all.rank, 0),
    solve: solveOf(settings),
  })),
} satisfies Record<string, MethodOfRecipes>;

export type MethodName = keyof typeof methods;
export const methodNames = Object.keys(methods) as MethodName[];
