export type { Aspect } from '../moon/aspect-option.js';
export { type Batch, type BatchTensors, buildBatch, imageTokens, uploadBatch } from '../moon/batch.js';
export { captionSequence, captionTargets, groundingSequence } from '../moon/captions.js';
export { type DenoisingTargets, denoisingTargets, noised } from '../moon/denoise.js';
export { addExperts } from '../moon/experts/add-experts.js';
export { expertLayer } from '../moon/experts/layer.js';
export { checkExperts, type ExpertsOption } from '../moon/experts/option.js';
export { type RouterChoice, routerChoices } from '../moon/experts/router-choices.js';
export { fuse, initFusion } from '../moon/fusion/fuse.js';
export type { Fused, Fusion } from '../moon/fusion/fusion.js';
export type { FusionOption } from '../moon/fusion/option.js';
export { batchOptions, embedBatch, initMoon, type MoonModel } from '../moon/model.js';
export { pool, poolingWeights, weighedSum } from '../moon/pooling.js';
export { nestedSizes, type PoolingOption } from '../moon/pooling-option.js';
export { type Question, questionAbout, questionSequence } from '../moon/question.js';
export {
  type Field,
  productSequence,
  querySequence,
  readSequence,
  type Sequence,
  specialTokens,
} from '../moon/sequence.js';
