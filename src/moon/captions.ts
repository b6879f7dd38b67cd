import type { Box, Product, ProductImage } from '../data/types.js';
import { groundingPrompt } from '../generate/grounding-prompt.js';
import { nextTokenTargets } from '../losses/next-token.js';
import type { Batch } from './batch.js';
import { productSequence, type Segment, type Sequence, type SequenceOptions, specialId } from './sequence.js';

/**
 * Captioning: [image][crop][title][category][attributes]<|im_end|>, the product's sequence as the main stage reads it, closed by an
 * end. Its text is what the network learns to write after the pictures; a product without pictures is plain language modelling,
 * one without text is an end alone.
 * @throws UserError when nothing is left to read, or the tokenizer has no <|im_end|>
 */
export function captionSequence(product: Product, options: SequenceOptions): Sequence {
  const { id, segments } = productSequence(product, options);
  const { aspect, image } = segments[segments.length - 1];
  const end: Segment = { aspect: image ? 'title' : aspect, ids: [specialId(options.tokenizer, '<|im_end|>')] };
  return { id, segments: [...segments, end] };
}

/**
 * Grounding: the question of `groundingPrompt`, token by token as `groundingDetector` asks it, and the box as an answer.
 * @param title what the box is of; without it, the main product
 * @param box in fractions of the image
 * @param side of the square image that the network sees, in pixels
 */
export function groundingSequence(
  image: ProductImage,
  title: string | undefined,
  box: Box,
  side: number,
  options: SequenceOptions,
): Sequence {
  const { tokenizer, imageTokens } = options;
  const grid = { t: 1, h: 1, w: imageTokens };
  const shown = { kind: 'pixels', pixels: new Float32Array(0), grid } as const;
  const { ids } = groundingPrompt(tokenizer, shown, title, { mergeSize: 1 });
  const start = ids.indexOf(specialId(tokenizer, '<|vision_start|>'));
  const end = ids.indexOf(specialId(tokenizer, '<|vision_end|>')) + 1;
  const answer = `${boxAnswer(box, side)}<|im_end|>`;
  return {
    id: image.id,
    segments: [
      { aspect: 'prompt', ids: ids.slice(0, start) },
      { aspect: 'image', ids: ids.slice(start, end), image: { image } },
      { aspect: 'prompt', ids: ids.slice(end) },
      { aspect: 'title', ids: tokenizer.encode(answer) },
    ],
  };
}

/** Targets of `nextToken` for a batch of either kind, [rows]: the token after each row where it is text and no prompt, else -1. */
export function captionTargets({ tokens, length, aspects }: Pick<Batch, 'tokens' | 'length' | 'aspects'>): Int32Array {
  return nextTokenTargets(tokens, length, (row) => {
    const aspect = aspects[row];
    return aspect === 'title' || aspect === 'category' || aspect === 'attribute';
  });
}

/** The answer that `groundingPrompt` asks for: corners in whole pixels, at least one apart. */
function boxAnswer({ x1, y1, x2, y2 }: Box, side: number): string {
  const [left, top] = [x1, y1].map((at) => Math.min(Math.round(at * side), side - 1));
  const [right, bottom] = [Math.max(Math.round(x2 * side), left + 1), Math.max(Math.round(y2 * side), top + 1)];
  return `[{"bbox_2d": [${left}, ${top}, ${right}, ${bottom}]}]`;
}
