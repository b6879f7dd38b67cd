import { familyOf } from '../backbones/families.js';
import type { QwenConfig } from '../backbones/qwen25vl/config.js';
import { publishedImageProcessor } from '../backbones/qwen25vl/image-processor.js';
import type { NewNetwork } from '../backbones/qwen25vl/network-option.js';
import { sizedConfig, withoutWindows } from '../backbones/qwen25vl/sizes.js';
import { assert, UserError } from '../checks/error.js';
import { checkFit } from '../config/check-config.js';
import type { MoonConfig } from '../config/config.js';
import type { MoonModel } from '../moon/model.js';
import { towerOf } from '../moon/tower.js';
import type { Tokenizer } from '../text/tokenizer.js';

/** What `network.from` stands for. */
export type NetworkOfFolder = Pick<MoonModel, 'network' | 'normalisation'>;

/**
 * Build the model of a config.
 * @param ofFolder the network that `network.from` stands for; a new network needs none
 * @throws UserError if the tokenizer lacks one of the `specialTokens`, or for options that do not fit the network
 */
export function buildModel(config: MoonConfig, tokenizer: Tokenizer, ofFolder?: NetworkOfFolder): MoonModel {
  const { network: option } = config;
  const architecture = architectureOf(config);
  if (!('from' in option)) {
    const { mean, std } = publishedImageProcessor;
    return { ...architecture, network: newNetwork(option, tokenizer), normalisation: { mean, std } };
  }
  assert(ofFolder, 'the network of a folder is given');
  const { normalisation } = ofFolder;
  const family = familyOf(ofFolder.network);
  // A language model without images learns the tokens of their marks.
  const network = { ...ofFolder.network, imageTokenId: tokenizer.idOf(family.marks.piece) };
  const { depth, width } = network.text;
  const tower = towerOf({ network, vision: config.vision });
  const squareOnly = tower && !tower.encodeSized ? `The tower of ${family.name} reads square tiles.` : undefined;
  checkFit(config, { depth, width, tower, squareOnly });
  return { ...architecture, network, normalisation };
}

function architectureOf({ imageSize, attention, vision, text, experts, pooling, fusion, promptGate }: MoonConfig) {
  const optional = { ...(text && { text }), ...(fusion && { fusion }), ...(promptGate && { promptGate }) };
  return { imageSize, attention, vision, experts, pooling, ...optional };
}

/** The shape of a new network. */
function newNetwork(option: NewNetwork, tokenizer: Tokenizer): QwenConfig {
  const { size, stem, visionDepth, depth, feedForwardWidth, branchInitRange } = option;
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
  network.vision = withoutWindows(network.vision, visionDepth);
  network.text.depth = depth ?? network.text.depth;
  network.text.feedForwardWidth = feedForwardWidth ?? network.text.feedForwardWidth;
  network.vision.branchInitRange = branchInitRange;
  network.text.branchInitRange = branchInitRange;
  return network;
}
