import type { QueryForm } from '../../data/types.js';
import type { Change } from './change.js';

/** Settings of the paper's pieces, each varied alone; with `grid` a row a value. */

export const causal: Change = (base) => ({ ...base, attention: 'causal' });
export const bidirectional: Change = (base) => ({ ...base, attention: 'bidirectional' });

/** Shares of the query forms; the paper's are 12 : 3 : 2 (image : text : product). */
export const queryMix =
  (mix: Record<QueryForm, number>): Change =>
  (base) => ({ ...base, sampler: { ...base.sampler, mix } });

export const onlyImageQueries: Change = queryMix({ image: 1, text: 0, product: 0 });
export const onlyTextQueries: Change = queryMix({ image: 0, text: 1, product: 0 });
export const onlyProductQueries: Change = queryMix({ image: 0, text: 0, product: 1 });
export const equalQueryMix: Change = queryMix({ image: 1, text: 1, product: 1 });

/** All experts, those of named groups included. */
export const expertCount =
  (count: number): Change =>
  (base) =>
    base.experts.kind === 'none' ? base : { ...base, experts: { ...base.experts, count } };

/** Experts that a token goes through. */
export const topK =
  (topK: number): Change =>
  (base) =>
    base.experts.kind === 'none' ? base : { ...base, experts: { ...base.experts, topK } };

/** Items of past steps that are negatives. */
export const queueLength =
  (size: number): Change =>
  ({ negatives, ...base }) => {
    const { temporal } = negatives;
    const start = temporal.kind === 'queue' ? temporal.start : 0.1;
    return { ...base, negatives: { ...negatives, temporal: { ...temporal, kind: 'queue', size, start } } };
  };

/** Fixed. */
export const temperature =
  (value: number): Change =>
  (base) => ({ ...base, temperature: { kind: 'fixed', value } });

/** Level of the category path, from the top (1), that a hard negative shares. */
export const hardLevel =
  (level: number): Change =>
  ({ negatives, ...base }) => {
    const { hard } = negatives;
    const own = hard.kind === 'same-category' ? hard : {};
    return { ...base, negatives: { ...negatives, hard: { ...own, kind: 'same-category', level } } };
  };

/** The core region without the whole image. */
export const cropOnly: Change = (base) => ({ ...base, views: 'crop' });

/** Controls for the count of tokens: a second picture that knows nothing of the core region. */
export const centreCrop: Change = (base) => ({ ...base, region: { kind: 'centre' } });
export const randomCrop: Change = (base) => ({ ...base, region: { kind: 'random' } });
export const duplicateImage: Change = (base) => ({ ...base, region: { kind: 'duplicate' } });
