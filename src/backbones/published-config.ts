import type { DecoderConfig } from './layers/decoder-config.js';

/** What every published network's configuration has, whatever its family. */
export interface PublishedConfig {
  /** `model_type` of the family (`families.ts`). Default `qwen2_5_vl`. */
  family?: string;
  text: DecoderConfig;
  /** The vision tower; its initial ranges are by default those of `text`. */
  vision?: Pick<DecoderConfig, 'depth' | 'width' | 'branchInitRange'> & { initRange?: number };
  /** Whether the output head shares the token embedding's weights. */
  tied: boolean;
  /** Id of the token that stands for a piece of an image; none in a network without images. */
  imageTokenId?: number;
  bosTokenId: number | null;
  /** Ids that end a text. */
  eosTokenIds: number[];
  padTokenId: number | null;
}
