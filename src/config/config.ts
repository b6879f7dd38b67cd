import { type NetworkOption, networkSchema } from '../backbones/qwen25vl/network-option.js';
import { integer, orElse, record } from '../checks/schema.js';
import { type EngineOption, engineSchema } from '../engine/option.js';
import { type AuxiliaryOption, auxiliarySchema, type LossOption, lossSchema } from '../losses/option.js';
import { type TemperatureOption, temperatureSchema } from '../losses/temperature-option.js';
import { type EmbeddingOption, embeddingSchema } from '../moon/embedding-option.js';
import { balanceSchema, type ExpertsOption, expertsSchema } from '../moon/experts/option.js';
import { type FusionOption, fusionSchema } from '../moon/fusion/option.js';
import { attentionSchema, maxTextTokensSchema, viewsSchema } from '../moon/option.js';
import { type PoolingOption, poolingSchema } from '../moon/pooling-option.js';
import { type PromptGateOption, promptGateSchema } from '../moon/prompt-gate/option.js';
import { type NegativesOption, negativesSchema } from '../negatives/options.js';
import { type CaptioningOption, captioningSchema } from '../objectives/captions/option.js';
import { type AlignmentOption, alignmentSchema } from '../objectives/dual/option.js';
import { microBatchSchema } from '../objectives/option.js';
import { type AugmentOption, augmentSchema } from '../pictures/augment-option.js';
import { imageSizeSchema, type VisionOption, visionSchema } from '../pictures/vision-option.js';
import { type OcrOption, ocrSchema } from '../pictures/words/ocr-option.js';
import { type RegionOption, regionSchema } from '../regions/options.js';
import { type SamplerOption, samplerSchema } from '../sampler/option.js';
import { type TextOption, textSchema } from '../text/text-option.js';
import { type EnrichOption, optionalEnrichSchema } from '../train/enrich/option.js';
import { type AverageOption, averageSchema, type OptimizerOption, optimizerSchema } from '../train/optimizer/option.js';
import { type TuneOption, tuneSchema } from '../train/tuning/option.js';

/**
 * The complete configuration of a run, as one plain record. An ablation is a small function of it.
 * @example
 * ```ts
 * const config: moon.MoonConfig = { ...moon.grocery, seed: 2, pooling: { kind: 'last' } };
 * moon.config.checkConfig(config);
 * ```
 */
export interface MoonConfig {
  seed: number;
  network: NetworkOption;
  vision: VisionOption;
  /** Default: a vocabulary of its own. */
  text?: TextOption;
  /** Width and height in pixels of every image the model sees. */
  imageSize: number;
  attention: 'causal' | 'bidirectional';
  experts: ExpertsOption;
  /** Weight of the router's balance term. */
  balance: number;
  pooling: PoolingOption;
  /** Whether the vector of the pictures enters the embedding once more. Default none. */
  fusion?: FusionOption;
  /** Whether texts of a prompt look at its picture once more. Default none. */
  promptGate?: PromptGateOption;
  /** Default: the learned vector alone. */
  embedding?: EmbeddingOption;
  /** How the core region is detected; `none` shows only the full image. */
  region: RegionOption;
  /** Whether the words on pictures are read. Default none. */
  ocr?: OcrOption;
  /** Whether an image is shown both in full and as its core-region crop (as in the paper), or only as the crop. */
  views: 'both' | 'crop';
  /** Maximum length of a text field in tokens; the rest is truncated. */
  maxTextTokens: number;
  sampler: SamplerOption;
  /** What is generated for the products that training shows. Default nothing. */
  enrich?: EnrichOption;
  /** Augmentation of full images in training. Crops are augmented by box jitter, flips and colours. */
  augment: AugmentOption;
  negatives: NegativesOption;
  /** Default: each query with the bought product. */
  alignment?: AlignmentOption;
  loss: LossOption;
  temperature: TemperatureOption;
  auxiliary: AuxiliaryOption;
  captioning: CaptioningOption;
  optimizer: OptimizerOption;
  /** Which weights training changes. Default all. */
  tune?: TuneOption;
  /** Number of sequences embedded together. A larger update uses cached representations, with the same gradient (GradCache). */
  microBatch: number;
  average: AverageOption;
  engine: EngineOption;
}

/** Optional fields without a default. */
type Open =
  | 'visionDepth'
  | 'depth'
  | 'blocks'
  | 'feedForwardWidth'
  | 'branchInitRange'
  | 'nested'
  | 'level'
  | 'labels'
  | 'name'
  | 'guide'
  | 'pictureEncoder'
  | 'textEncoder';

/** The schema of all options: accepted values, default, one line of help. Each room defines its own part. */
export const configSchema = record<MoonConfig, Open>({
  seed: integer({ min: 0, help: 'the seed of all random numbers of a run' }),
  network: networkSchema,
  vision: visionSchema,
  text: orElse(textSchema, { kind: 'own' }),
  imageSize: imageSizeSchema,
  attention: attentionSchema,
  experts: expertsSchema,
  balance: balanceSchema,
  pooling: poolingSchema,
  fusion: orElse(fusionSchema, { kind: 'none' }),
  promptGate: orElse(promptGateSchema, { kind: 'none' }),
  embedding: orElse(embeddingSchema, { kind: 'learned' }),
  region: regionSchema,
  ocr: orElse(ocrSchema, { kind: 'none' }),
  views: viewsSchema,
  maxTextTokens: maxTextTokensSchema,
  sampler: samplerSchema,
  enrich: optionalEnrichSchema,
  augment: augmentSchema,
  negatives: negativesSchema,
  alignment: orElse(alignmentSchema, { kind: 'single' }),
  loss: lossSchema,
  temperature: temperatureSchema,
  auxiliary: auxiliarySchema,
  captioning: captioningSchema,
  optimizer: optimizerSchema,
  tune: orElse(tuneSchema, { kind: 'full' }),
  microBatch: microBatchSchema,
  average: averageSchema,
  engine: engineSchema,
});
