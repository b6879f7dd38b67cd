import { number, record, tagged } from '../../checks/schema.js';

/**
 * The objectives of dual alignment: queries of each form against whole products, then queries of text against pictures of products, and
 * queries of pictures against their texts.
 */
export const objectives = ['image', 'text', 'product', 'textToImage', 'imageToText'] as const;
export type ObjectiveName = (typeof objectives)[number];

/**
 * Weights of the objectives; they sum to 1.
 * - `equal`: the same for all.
 * - `fixed`: in given proportions (MOON: 12 : 3 : 2 for image, text and product).
 * - `preference`: the mean gate of an objective's queries times what each expert prefers (MOON2.0, arXiv 2511.12449). The gradient flows
 *   through it, so that the loss can also fall by weighing easy objectives more.
 * - `stopped`: the same numbers without gradient.
 */
export type ObjectiveWeightsOption =
  | { kind: 'equal' }
  | { kind: 'fixed'; proportions: Readonly<Record<ObjectiveName, number>> }
  | { kind: 'preference' }
  | { kind: 'stopped' };

const proportion = (of: string) => number({ min: 0, help: `the proportion of ${of}` });

export const objectiveWeightsSchema = tagged<ObjectiveWeightsOption>('how the objectives are weighed', {
  equal: {},
  fixed: {
    proportions: record<Readonly<Record<ObjectiveName, number>>>({
      image: proportion('picture -> product'),
      text: proportion('text -> product'),
      product: proportion('picture and text -> product'),
      textToImage: proportion('text -> picture'),
      imageToText: proportion('picture -> text'),
    }),
  },
  preference: {},
  stopped: {},
});

/** Whether the gates of modality experts are read. */
export const readsGates = ({ kind }: ObjectiveWeightsOption) => kind === 'preference' || kind === 'stopped';
