import { sizedConfig } from '../backbones/qwen25vl/sizes.js';
import { UserError } from '../checks/error.js';
import type { MoonConfig } from '../config/config.js';
import type { MoonModel } from '../moon/model.js';
import type { Tokenizer } from '../text/tokenizer.js';

/**
 * Build the model of a config.
 * @throws UserError if the tokenizer lacks one of the `specialTokens`
 */
export function buildModel(config: MoonConfig, tokenizer: Tokenizer): MoonModel {
  const { size, stem, visionDepth, depth, feedForwardWidth, branchInitRange } = config.network;
  const id = (token: string): number => {
    const found = tokenizer.idOf(token);
    if (found === undefined) throw new UserError(`The tokenizer has no ${token}. Train it with specialTokens.`);
    return found;
  };
  const network = sizedConfig(size, {
    vocabSize: tokenizer.size,
    stem,
    tokens: {
      image: id('<|image_pad|>'),
      video: id('<|image_pad|>'),
      visionStart: id('<|vision_start|>'),
      visionEnd: id('<|vision_end|>'),
      pad: id('<|endoftext|>'),
      end: id('<|im_end|>'),
    },
  });
  network.vision.depth = visionDepth ?? network.vision.depth;
  // An image of this size is a single window, so every block attends to the entire image.
  network.vision.fullAttentionBlocks = Array.from({ length: network.vision.depth }, (_, block) => block);
  network.text.depth = depth ?? network.text.depth;
  network.text.feedForwardWidth = feedForwardWidth ?? network.text.feedForwardWidth;
  network.vision.branchInitRange = branchInitRange;
  network.text.branchInitRange = branchInitRange;
  const { imageSize, attention, vision, experts, pooling } = config;
  return { network, imageSize, attention, vision, experts, pooling };
}
