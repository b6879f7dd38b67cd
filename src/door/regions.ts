export { attentionBox, titleAttention } from '../regions/attention.js';
export { detectorOf } from '../regions/detector.js';
export { groundingDetector } from '../regions/grounding.js';
export type { RegionOption } from '../regions/options.js';
export { cachedDetector } from '../regions/region-cache.js';
export { regionRequests } from '../regions/requests.js';
export { saliencyMap, saliencyRegion } from '../regions/saliency.js';
export { type RegionScore, scoreRegions } from '../regions/score.js';
export { cutOut, type Mask, openSegmenter, type Segmenter } from '../regions/segmentation.js';
