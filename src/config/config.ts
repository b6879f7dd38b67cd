import type { Stem } from '../backbones/qwen25vl/config.js';
import type { SizeName } from '../backbones/qwen25vl/sizes.js';
import type { LossOption } from '../losses/contrastive-loss.js';
import type { TemperatureOption } from '../losses/temperature.js';
import type { ExpertsOption } from '../moon/experts/option.js';
import type { PoolingOption } from '../moon/pooling.js';
import type { Part } from '../moon/weight-names.js';
import type { NegativesOption } from '../negatives/options.js';
import type { AugmentOptions } from '../pictures/augment.js';
import type { VisionOption } from '../pictures/vision-option.js';
import type { RegionOption } from '../regions/detector.js';
import type { DrawOptions } from '../sampler/sample.js';

/** Everything that decides a run, as one plain record: an ablation is a small function of it. */
export interface MoonConfig {
  seed: number;
  /** Shape of the network; widths of a named size, or parts of it overridden. */
  network: {
    size: SizeName;
    vocabulary: number;
    stem: Stem;
    visionDepth?: number;
    depth?: number;
    feedForwardWidth?: number;
    /**
     * Spread of the weights that end a residual branch before the first step; 0 starts every block as the identity (Zhang et al.,
     * arXiv 1901.09321). Left out: as published, 0.02, like all others.
     */
    branchInitRange?: number;
  };
  vision: VisionOption;
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
  longestText: number;
  draw: DrawOptions;
  /** How whole images vary in training; crops vary by the edges of their box, flips and colours. */
  augment: AugmentOptions;
  negatives: NegativesOption;
  loss: LossOption;
  temperature: TemperatureOption;
  /**
   * Terms beside the contrastive loss, by weight: `supervised` pulls queries of one product together (supervised contrastive);
   * `labels` pulls a query to the texts of its product's category levels and attribute values, which makes classification and
   * attribute prediction of seen products supervised.
   */
  auxiliary: { supervised: number; labels: number };
  /** Generative stage before the contrastive one: captions (image -> title, category, attributes) for this share of the steps. */
  captioning: { kind: 'none' } | { kind: 'captions'; share: number };
  optimizer: {
    /** Updates of both stages together. */
    steps: number;
    warmUp: number;
    rate: number;
    beta1: number;
    beta2: number;
    weightDecay: number;
    clip: number;
    /** Draws whose gradients are summed into one update. */
    accumulate: number;
    /** Learning rate of a part as a multiple of `rate`; 0 freezes it. Left out: 1. */
    rates: Partial<Record<Part, number>>;
  };
  /** Sequences embedded at once; a larger update goes through cached representations, with the same gradient (GradCache). */
  microBatch: number;
  /** Weights that are evaluated and saved: those of the last step, or an exponential average over steps. */
  average: { kind: 'none' } | { kind: 'exponential'; decay: number };
  engine: {
    /** Run the step as one compiled graph. It takes effect on the native engine only. */
    compile: boolean;
  };
}
