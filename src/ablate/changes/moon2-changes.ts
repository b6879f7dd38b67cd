import { UserError } from '../../checks/error.js';
import type { MoonConfig } from '../../config/config.js';
import type { DualAlignment } from '../../objectives/dual/option.js';
import { allOf, type Change } from './change.js';
import { withoutExperts } from './removals.js';

/** Changes of dual alignment (MOON2.0): each removes or varies one piece. */

const dual =
  (change: (option: DualAlignment) => Partial<DualAlignment>): Change =>
  (base) => {
    const { alignment } = base;
    if (alignment?.kind !== 'dual')
      throw new UserError('This change needs a base with alignment.kind dual, such as moon2.');
    return { ...base, alignment: { ...alignment, ...change(alignment) } };
  };

/** All objectives weigh the same. */
export const equalWeights: Change = dual(() => ({ weights: { kind: 'equal' } }));

/** The weights of the experts' preferences, without gradient through them. */
export const stoppedWeights: Change = dual(() => ({ weights: { kind: 'stopped' } }));

/** MOON's 12 : 3 : 2 for picture, text and product, with 2 for each direction. */
export const fixedWeights: Change = dual(() => ({
  weights: { kind: 'fixed', proportions: { image: 12, text: 3, product: 2, textToImage: 2, imageToText: 2 } },
}));

/** Dense layers with as many active parameters, and equal weights, since no gate is left to read them from. */
export const withoutModalityExperts: Change = allOf(equalWeights, withoutExperts);

/** No alignment of pictures with their own texts; the objectives between products stay. */
export const withoutIntra: Change = dual(() => ({ intra: { kind: 'none' } }));

/** Neither alignment across picture and text: no objectives of directions, and none within products. */
export const withoutCrossAlignment: Change = allOf(
  withoutIntra,
  dual(() => ({ directions: false })),
);

/** Nothing generated: neither views nor texts. */
export const withoutCoAugmentation: Change = ({ enrich: _, ...base }) => base;

/** Every pair counts fully. */
export const withoutFilter: Change = dual(() => ({ reliability: { kind: 'one' } }));

/** Pairs that are known to be wrong count nothing: the limit of any filter. Needs generated data. */
export const oracleFilter: Change = dual(() => ({ reliability: { kind: 'oracle', multiplies: 'inter' } }));

/** MOON with the same queries and items in a step and as many active parameters: guided experts, one objective, forms by the mix, nothing generated. */
export const moonInstead: Change = ({ enrich: _, ...base }: MoonConfig) => {
  const { experts, sampler } = base;
  if (experts.kind === 'none') throw new UserError('moonInstead: needs a base with experts, such as moon2.');
  return {
    ...base,
    experts: { kind: 'guided', count: experts.count + 2, topK: experts.topK, blocks: experts.blocks },
    sampler: { ...sampler, forms: 'mix' },
    alignment: { kind: 'single' },
  };
};
