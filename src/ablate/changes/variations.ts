import type { QueryForm } from '../../data/types.js';
import type { Change } from './change.js';

/** Changes that each vary one setting. Those with a parameter are for `grid`, which makes one row per value. */

export const causal: Change = (base) => ({ ...base, attention: 'causal' });
export const bidirectional: Change = (base) => ({ ...base, attention: 'bidirectional' });

/** Relative frequencies of the query forms; in the paper 12 : 3 : 2 (image : text : product). */
export const queryMix =
  (mix: Record<QueryForm, number>): Change =>
  (base) => ({ ...base, sampler: { ...base.sampler, mix } });

export const onlyImageQueries: Change = queryMix({ image: 1, text: 0, product: 0 });
export const onlyTextQueries: Change = queryMix({ image: 0, text: 1, product: 0 });
export const onlyProductQueries: Change = queryMix({ image: 0, text: 0, product: 1 });
export const equalQueryMix: Change = queryMix({ image: 1, text: 1, product: 1 });

/** Number of experts, including those of named groups. */
export const expertCount =
  (count: number): Change =>
  (base) =>
    base.experts.kind === 'none' ? base : { ...base, experts: { ...base.experts, count } };

/** Number of experts that process each token. */
export const topK =
  (topK: number): Change =>
  (base) =>
    base.experts.kind === 'none' ? base : { ...base, experts: { ...base.experts, topK } };

/** Number of items from past steps that serve as negatives. */
export const queueLength =
  (size: number): Change =>
  ({ negatives, ...base }) => {
    const { temporal } = negatives;
    const start = temporal.kind === 'queue' ? temporal.start : 0.1;
    return { ...base, negatives: { ...negatives, temporal: { ...temporal, kind: 'queue', size, start } } };
  };

/** A fixed temperature. */
export const temperature =
  (value: number): Change =>
  (base) => ({ ...base, temperature: { kind: 'fixed', value } });

/** Level of the category path, from the top (1), at which a hard negative has the same category. */
export const hardLevel =
  (level: number): Change =>
  ({ negatives, ...base }) => {
    const { hard } = negatives;
    const own = hard.kind === 'same-category' ? hard : {};
    return { ...base, negatives: { ...negatives, hard: { ...own, kind: 'same-category', level } } };
  };

/** Matrix products of compiled steps in bfloat16. */
export const bfloat16: Change = (base) => ({ ...base, engine: { ...base.engine, precision: 'bfloat16' } });

/** Only the core region, without the whole image. */
export const cropOnly: Change = (base) => ({ ...base, views: 'crop' });

/** Controls with the same number of tokens as the core region: a centre crop, a random crop, or the whole image twice. */
export const centreCrop: Change = (base) => ({ ...base, region: { kind: 'centre' } });
export const randomCrop: Change = (base) => ({ ...base, region: { kind: 'random' } });
export const duplicateImage: Change = (base) => ({ ...base, region: { kind: 'duplicate' } });
