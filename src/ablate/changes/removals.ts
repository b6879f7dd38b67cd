import { sizes } from '../../backbones/qwen25vl/sizes.js';
import type { MoonConfig } from '../../config/config.js';
import { allOf, type Change } from './change.js';

/** The paper's pieces, each taken out alone. */

/** Whole images alone. */
export const withoutRegions: Change = (base) => ({ ...base, region: { kind: 'none' } });

/** Every token goes where the gate sends it; the count of experts and top-k stay. */
export const withoutGuidance: Change = (base) => {
  if (base.experts.kind !== 'guided') return base;
  const { count, topK, blocks } = base.experts;
  return { ...base, experts: { kind: 'plain', count, topK, blocks } };
};

/**
 * Dense layers in place of experts, with as many active parameters: those of the `topK` experts that a token goes through, spread
 * over all blocks, since a network has one feed-forward width. The routers alone are missing.
 */
export const withoutExperts: Change = (base) => {
  const { experts, network } = base;
  if (experts.kind === 'none') return base;
  const size = sizes[network.size];
  const { depth = size.depth, feedForwardWidth = size.feedForwardWidth } = network;
  const layers = depth + (experts.topK - 1) * experts.blocks.length;
  const wider = layers === depth ? {} : { feedForwardWidth: Math.round((feedForwardWidth * layers) / depth) };
  return { ...base, experts: { kind: 'none' }, network: { ...network, ...wider } };
};

/** The base with some of its sources of negatives in another way. */
const negatives = (change: (base: MoonConfig['negatives']) => Partial<MoonConfig['negatives']>): Change => {
  return (base) => ({ ...base, negatives: { ...base.negatives, ...change(base.negatives) } });
};

/** No hard negatives, and no products of one category in a step on purpose: the sampler follows the toggle. */
export const withoutHard: Change = negatives(() => ({ hard: { kind: 'none' } }));

/** Nobody else's products; how rows are grouped stays. */
export const withoutSpatial: Change = negatives(({ spatial }) => {
  const { groups } = spatial;
  return { spatial: { kind: 'none', ...(groups === undefined ? {} : { groups }) } };
});

export const withoutTemporal: Change = negatives(() => ({ temporal: { kind: 'none' } }));

/** The paper's third removal. */
export const withoutSpatialTemporal: Change = allOf(withoutSpatial, withoutTemporal);

/** What the other queries of the group bought, and nothing else. */
export const onlyInBatch: Change = allOf(withoutHard, withoutSpatialTemporal);

/** No generative stage before the contrastive one. */
export const withoutWarmup: Change = (base) => ({ ...base, captioning: { kind: 'none' } });
