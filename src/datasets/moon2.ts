import { UserError } from '../checks/error.js';
import type { MoonConfig } from '../config/config.js';
import type { DualAlignment } from '../objectives/dual/option.js';

/**
 * Dual alignment with everything that MOON2.0 (arXiv 2511.12449) names. The paper leaves the numbers open but for the threshold; these are first
 * guesses, not tuned.
 */
export const moon2Alignment: DualAlignment = {
  kind: 'dual',
  directions: true,
  weights: { kind: 'preference' },
  sparsity: 0.01,
  intra: { kind: 'own-text', weight: 0.5, temperature: 0.07, against: 'batch' },
  reliability: { kind: 'margin', kappa: 10, margin: 0.2, end: 0, threshold: 0.6, multiplies: 'inter' },
};

/**
 * What MOON2.0 generates: two views and a text a product. Texts far from the true title are dropped. Views are not compared: what the generated
 * shop draws is the product itself.
 */
export const moon2Enrich: NonNullable<MoonConfig['enrich']> = {
  views: { kind: 'redraw', count: 2 },
  titles: { kind: 'caption', steps: 200 },
  consistency: { kind: 'frozen', textEncoder: 'minilm', minView: 0, minTitle: 0.3 },
};

/** MOON2.0 on the base of another recipe with experts: modality experts in the same blocks, of which each token meets two, and dual alignment. */
export function moon2Of(base: MoonConfig): MoonConfig {
  const { experts, sampler } = base;
  if (experts.kind === 'none') throw new UserError('moon2: needs a base with experts, such as shop or grocery.');
  return {
    ...base,
    experts: { kind: 'modality', count: 4, topK: 2, blocks: experts.blocks },
    sampler: { ...sampler, queries: 3, forms: 'each' },
    alignment: moon2Alignment,
    enrich: moon2Enrich,
    loss: { kind: 'info-nce' },
  };
}
