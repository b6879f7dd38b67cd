import { sizes } from '../../backbones/qwen25vl/sizes.js';
import { UserError } from '../../checks/error.js';
import type { MoonConfig } from '../../config/config.js';
import { allOf, type Change } from './change.js';

/** Changes that each remove one piece of the paper. */

/** No core regions: only whole images. */
export const withoutRegions: Change = (base) => ({ ...base, region: { kind: 'none' } });

/** No guided experts: the gate routes every token. The number of experts and top-k stay the same. */
export const withoutGuidance: Change = (base) => {
  if (base.experts.kind !== 'guided') return base;
  const { count, topK, blocks } = base.experts;
  return { ...base, experts: { kind: 'plain', count, topK, blocks } };
};

/**
 * Dense layers instead of experts, with the same number of active parameters except for the routers: the width of the `topK` experts that
 * process a token is spread over all blocks, since a network has one feed-forward width.
 */
export const withoutExperts: Change = (base) => {
  const { experts, network } = base;
  if (experts.kind === 'none') return base;
  if ('from' in network)
    throw new UserError(
      'withoutExperts: widens the feed-forward layers of a new network, and the layers of network.from cannot be widened. Set experts.kind=none instead, which has fewer parameters.',
    );
  const size = sizes[network.size];
  const { depth = size.depth, feedForwardWidth = size.feedForwardWidth } = network;
  const layers = depth + (experts.topK - 1) * experts.blocks.length;
  const wider = layers === depth ? {} : { feedForwardWidth: Math.round((feedForwardWidth * layers) / depth) };
  return { ...base, experts: { kind: 'none' }, network: { ...network, ...wider } };
};

/** A change of some sources of negatives. */
const negatives = (change: (base: MoonConfig['negatives']) => Partial<MoonConfig['negatives']>): Change => {
  return (base) => ({ ...base, negatives: { ...base.negatives, ...change(base.negatives) } });
};

/** No hard negatives. The sampler then also stops placing products of one category in the same step. */
export const withoutHard: Change = negatives(() => ({ hard: { kind: 'none' } }));

/** No spatial negatives, from other groups of rows. The grouping itself stays the same. */
export const withoutSpatial: Change = negatives(({ spatial }) => {
  const { groups } = spatial;
  return { spatial: { kind: 'none', ...(groups === undefined ? {} : { groups }) } };
});

/** No temporal negatives, from past steps. */
export const withoutTemporal: Change = negatives(() => ({ temporal: { kind: 'none' } }));

/** Neither spatial nor temporal negatives: the third removal of the paper. */
export const withoutSpatialTemporal: Change = allOf(withoutSpatial, withoutTemporal);

/** Only in-batch negatives: the positives of the other queries in the group. */
export const onlyInBatch: Change = allOf(withoutHard, withoutSpatialTemporal);

/** No captioning stage before the contrastive stage. */
export const withoutWarmup: Change = (base) => ({ ...base, captioning: { kind: 'none' } });
