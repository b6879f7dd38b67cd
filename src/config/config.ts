import { type NetworkOption, networkSchema } from '../backbones/qwen25vl/network-option.js';
import { integer, record } from '../checks/schema.js';
import { type EngineOption, engineSchema } from '../engine/option.js';
import { type AuxiliaryOption, auxiliarySchema, type LossOption, lossSchema } from '../losses/option.js';
import { type TemperatureOption, temperatureSchema } from '../losses/temperature-option.js';
import { balanceSchema, type ExpertsOption, expertsSchema } from '../moon/experts/option.js';
import { attentionSchema, maxTextTokensSchema, viewsSchema } from '../moon/option.js';
import { type PoolingOption, poolingSchema } from '../moon/pooling-option.js';
import { type NegativesOption, negativesSchema } from '../negatives/options.js';
import { type CaptioningOption, captioningSchema } from '../objectives/captions/option.js';
import { microBatchSchema } from '../objectives/option.js';
import { type AugmentOption, augmentSchema } from '../pictures/augment-option.js';
import { imageSizeSchema, type VisionOption, visionSchema } from '../pictures/vision-option.js';
import { type RegionOption, regionSchema } from '../regions/options.js';
import { type SamplerOption, samplerSchema } from '../sampler/option.js';
import { type AverageOption, averageSchema, type OptimizerOption, optimizerSchema } from '../train/optimizer/option.js';

/** Everything that decides a run, as one plain record: an ablation is a small function of it. */
export interface MoonConfig {
  seed: number;
  network: NetworkOption;
  vision: VisionOption;
  /** Side in pixels of every picture that is seen. */
  imageSize: number;
  attention: 'causal' | 'bidirectional';
  experts: ExpertsOption;
  /** Weight of the router's balance term. */
  balance: number;
  pooling: PoolingOption;
  /** How the core region is found; `none` shows the whole image alone. */
  region: RegionOption;
  /** Whether a picture is shown whole and as its core-region crop (the paper's), or as the crop alone. */
  views: 'both' | 'crop';
  /** Longest text of one field in tokens; the rest is cut. */
  maxTextTokens: number;
  sampler: SamplerOption;
  /** How whole images vary in training; crops vary by the edges of their box, flips and colours. */
  augment: AugmentOption;
  negatives: NegativesOption;
  loss: LossOption;
  temperature: TemperatureOption;
  auxiliary: AuxiliaryOption;
  captioning: CaptioningOption;
  optimizer: OptimizerOption;
  /** Sequences embedded at once; a larger update goes through cached representations, with the same gradient (GradCache). */
  microBatch: number;
  average: AverageOption;
  engine: EngineOption;
}

/** Fields without a default that may be left out. */
type Open =
  | 'visionDepth'
  | 'depth'
  | 'feedForwardWidth'
  | 'branchInitRange'
  | 'nested'
  | 'level'
  | 'labels'
  | 'name'
  | 'guide';

/** Every option of a config: what may stand there, its default, one line of help. Each room owns its part. */
export const configSchema = record<MoonConfig, Open>({
  seed: integer({ min: 0, help: 'what all random numbers of a run start from' }),
  network: networkSchema,
  vision: visionSchema,
  imageSize: imageSizeSchema,
  attention: attentionSchema,
  experts: expertsSchema,
  balance: balanceSchema,
  pooling: poolingSchema,
  region: regionSchema,
  views: viewsSchema,
  maxTextTokens: maxTextTokensSchema,
  sampler: samplerSchema,
  augment: augmentSchema,
  negatives: negativesSchema,
  loss: lossSchema,
  temperature: temperatureSchema,
  auxiliary: auxiliarySchema,
  captioning: captioningSchema,
  optimizer: optimizerSchema,
  microBatch: microBatchSchema,
  average: averageSchema,
  engine: engineSchema,
});
