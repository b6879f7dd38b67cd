import { familyOf } from '../backbones/families.js';
import type { PromptImage } from '../backbones/prompt-image.js';
import type { PublishedConfig } from '../backbones/published-config.js';
import type { Grid } from '../backbones/qwen25vl/config.js';
import { UserError } from '../checks/error.js';
import type { Tokenizer } from '../text/tokenizer.js';

/** An image of Qwen's processor. */
type GridImage = Exclude<PromptImage, { kind: 'tile' }>;

/** Input of a generative network: token ids, and the images of their `<|image_pad|>` runs in order. */
export interface Prompt {
  ids: number[];
  images: PromptImage[];
}

/**
 * A user message in Qwen's chat format, up to where the assistant's answer starts.
 * @param parts texts and images in order
 * @param options.system system prompt; none by default
 * @throws UserError when the tokenizer lacks a token of the format
 */
export function chatPrompt(
  tokenizer: Tokenizer,
  parts: readonly (string | GridImage)[],
  options: { mergeSize: number; system?: string },
): Prompt {
  const images = parts.filter((part) => typeof part !== 'string');
  const message = parts.map((part) => (typeof part === 'string' ? part : imageTokens(part.grid, options.mergeSize)));
  const turns = [
    ...(options.system === undefined ? [] : [`<|im_start|>system\n${options.system}<|im_end|>\n`]),
    `<|im_start|>user\n${message.join('')}<|im_end|>\n`,
    '<|im_start|>assistant\n',
  ];
  const needed = ['<|im_start|>', '<|im_end|>'];
  if (images.length) needed.push('<|vision_start|>', '<|image_pad|>', '<|vision_end|>');
  const missing = needed.find((token) => tokenizer.idOf(token) === undefined);
  if (missing)
    throw new UserError(`tokenizer: has no token ${missing}. Pass it to trainBytePairs as one of the specials.`);
  return { ids: tokenizer.encode(turns.join('')), images };
}

/** One placeholder per token that the merger makes of the image. */
function imageTokens({ t, h, w }: Grid, mergeSize: number): string {
  return `<|vision_start|>${'<|image_pad|>'.repeat((t * h * w) / mergeSize ** 2)}<|vision_end|>`;
}

/**
 * Check that a tokenizer belongs to a network: every id needs a row of the embedding, and the image token's id must be the network's.
 * @param file path of the tokenizer, for errors
 * @throws UserError when it does not
 */
export function checkVocabulary(tokenizer: Tokenizer, config: PublishedConfig, file = 'tokenizer.json'): void {
  const remedy = 'Take tokenizer and weights from the same folder.';
  if (tokenizer.size > config.text.vocabSize)
    throw new UserError(
      `${file}: has ${tokenizer.size} token ids, the embedding has ${config.text.vocabSize} rows (vocab_size). ${remedy}`,
    );
  const { marks } = familyOf(config);
  const image = tokenizer.idOf(marks.piece);
  if (config.imageTokenId !== undefined && image !== undefined && image !== config.imageTokenId)
    throw new UserError(
      `${file}: ${marks.piece} has the id ${image}, config.json says image_token_id ${config.imageTokenId}. ${remedy}`,
    );
}
