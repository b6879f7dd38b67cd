import { wrongOption } from '../../checks/error.js';
import { fillIn } from '../../checks/fill-in.js';
import { boolean, number, oneOf, tagged } from '../../checks/schema.js';
import {
  type ObjectiveName,
  type ObjectiveWeightsOption,
  objectives,
  objectiveWeightsSchema,
} from '../../losses/objective-weights/option.js';
import { type ReliabilityOption, reliabilitySchema } from '../../losses/reliability/option.js';

/** Whose texts an item's picture is contrasted with: those of its hard negative and of the items that it is one of, or of all of the step. */
export const oppositeItems = ['opposite', 'batch'] as const;

/** The alignment of an item's picture with its own text (MOON2.0). */
export type IntraOption =
  | { kind: 'none' }
  | { kind: 'own-text'; weight: number; temperature: number; against: (typeof oppositeItems)[number] };

/**
 * What the contrastive stage aligns.
 * - `single`: each query with the bought product, forms of queries in the proportions of the sampler (MOON).
 * - `dual`: between products, an objective for each form of query and, with `directions`, for text -> picture and picture -> text; and within
 *   products, pictures with their own text (MOON2.0, arXiv 2511.12449). Every product of a step is asked in all three forms
 *   (`sampler.forms: 'each'`). The paper leaves the number of objectives (3 or 5) and all weights open.
 */
export type AlignmentOption = { kind: 'single' } | DualAlignment;

export interface DualAlignment {
  kind: 'dual';
  directions: boolean;
  weights: ObjectiveWeightsOption;
  /** Weight of the entropy of the experts' preferences (`preference` and `stopped`). */
  sparsity: number;
  intra: IntraOption;
  reliability: ReliabilityOption;
}

export const alignmentSchema = tagged<AlignmentOption>('what the contrastive stage aligns', {
  single: {},
  dual: {
    directions: boolean({ help: 'also objectives from text to picture and from picture to text' }),
    weights: objectiveWeightsSchema,
    sparsity: number({
      min: 0,
      help: "the weight of the entropy of the experts' preferences, which lets each prefer few objectives",
    }),
    intra: tagged<IntraOption>("whether an item's picture is aligned with its own text", {
      none: {},
      'own-text': {
        weight: number({ min: 0, help: 'the weight of the alignment within products' }),
        temperature: number({ min: 1e-4, max: 100, help: 'its own temperature' }),
        against: oneOf(oppositeItems, { help: "whose texts are negatives: the hard negative's, or all of the step" }),
      },
    }),
    reliability: reliabilitySchema,
  },
});

/** The option, `single` if left out. */
export const alignmentOption = (option: AlignmentOption | undefined) =>
  fillIn(alignmentSchema, option ?? { kind: 'single' }, 'alignment');

/** The objectives that a config trains. */
export const objectivesOf = ({ directions }: Pick<DualAlignment, 'directions'>): readonly ObjectiveName[] =>
  directions ? objectives : objectives.slice(0, 3);

/** @throws UserError for proportions that are all 0 */
export function checkProportions({ weights, ...option }: DualAlignment): void {
  if (weights.kind !== 'fixed') return;
  if (!objectivesOf(option).some((name) => weights.proportions[name] > 0))
    throw wrongOption('alignment.weights.proportions', weights.proportions, 'a proportion above 0');
}
