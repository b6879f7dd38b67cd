export {
  familyOf,
  loadNetwork,
  loadPublishedConfig,
  loadPublishedWeights,
  type Network,
} from '../backbones/families.js';
export type { Family } from '../backbones/family.js';
export { initWeights } from '../backbones/init-weights.js';
export { embedTokens, logits, mergeImageTokens, runLanguage } from '../backbones/layers/decoder.js';
export type { DecoderConfig } from '../backbones/layers/decoder-config.js';
export { type GgufNetwork, loadGguf } from '../backbones/llama/gguf.js';
export type { PromptImage } from '../backbones/prompt-image.js';
export type { PublishedConfig } from '../backbones/published-config.js';
export type { QwenConfig } from '../backbones/qwen25vl/config.js';
export { parseConfig } from '../backbones/qwen25vl/config-file.js';
export { processImage } from '../backbones/qwen25vl/image-patches.js';
export { loadImageProcessor } from '../backbones/qwen25vl/image-processor.js';
export { sizedConfig, sizes } from '../backbones/qwen25vl/sizes.js';
export { encodeImages } from '../backbones/qwen25vl/vision.js';
export { loadWeights } from '../backbones/qwen25vl/weights.js';
export { saveModel } from '../backbones/save-model.js';
export { loadTileProcessor, tileImage, tileText } from '../backbones/smolvlm/image-processor.js';
