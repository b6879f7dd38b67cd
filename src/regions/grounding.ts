import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Network } from '../backbones/families.js';
import type { QwenConfig } from '../backbones/qwen25vl/config.js';
import { normaliseImage, processImage } from '../backbones/qwen25vl/image-patches.js';
import { type ImageProcessor, loadImageProcessor } from '../backbones/qwen25vl/image-processor.js';
import { loadConfig, loadWeights } from '../backbones/qwen25vl/weights.js';
import { type Detector, plausibleRegion, type RawRegion, type RegionDetector } from '../data/region.js';
import type { Raster } from '../data/types.js';
import * as tf from '../engine/tf.js';
import { generate } from '../generate/generate.js';
import { groundingPrompt, parseBox } from '../generate/grounding-prompt.js';
import { checkVocabulary } from '../generate/prompt.js';
import { decodeImage, imageSize } from '../pictures/image.js';
import { hashFiles } from '../store/content-hash.js';
import { loadTokenizer, type Tokenizer } from '../text/tokenizer.js';
import { identityOf } from './identity.js';
import { type GroundingOption, regionOption } from './options.js';

/** A loaded grounding model. Whoever loaded it frees its weights. */
export interface GroundingModel {
  network: Network<QwenConfig>;
  tokenizer: Tokenizer;
  processor: ImageProcessor;
}

/**
 * Load a grounding model from a folder.
 * @throws UserError for a folder that is incomplete, or whose parts do not fit together
 */
export async function openGrounding(option: GroundingOption): Promise<Detector> {
  const { kind, model, maxTokens } = regionOption(option);
  const config = loadConfig(model);
  const [tokenizer, processor] = [loadTokenizer(model), loadImageProcessor(model)];
  checkVocabulary(tokenizer, config);
  const files = readdirSync(model).filter((name) => /\.(json|safetensors)$/.test(name));
  const identity = identityOf(kind, { maxTokens }, await hashFiles(files.sort().map((name) => join(model, name))));
  const network = { config, weights: loadWeights(model) };
  return {
    detect: groundingDetector({ network, tokenizer, processor }, maxTokens),
    identity,
    dispose: () => tf.dispose(network.weights),
  };
}

/** A detector that uses a loaded model. It processes one image at a time, because each holds the key-value cache of a full prompt. */
export function groundingDetector(model: GroundingModel, maxTokens = 128): RegionDetector {
  let last: Promise<unknown> = Promise.resolve();
  return async ({ source }, title) => {
    const size = await imageSize(source);
    const raster = await decodeImage(source, { ...size, fit: 'stretch' });
    const found = last.then(() => groundBox(model, raster, title, maxTokens));
    last = found.catch(() => {});
    return [plausibleRegion('grounding', await found)];
  };
}

/** Ask the model for one box. The score is always 1, because the model gives no confidence; without a box in the answer, `box` is null. */
export async function groundBox(
  { network, tokenizer, processor }: GroundingModel,
  raster: Raster,
  title: string | undefined,
  maxTokens = 128,
): Promise<RawRegion> {
  const image = (network.config.vision.stem.kind === 'patch' ? processImage : normaliseImage)(raster, processor);
  const prompt = groundingPrompt(tokenizer, image, title, processor);
  const { text } = await generate(network, tokenizer, prompt, { maxTokens });
  const { box } = parseBox(text, image);
  return { box, score: 1 };
}
