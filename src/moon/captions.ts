import type { Box, Product, ProductImage } from '../data/types.js';
import { groundingPrompt } from '../generate/grounding-prompt.js';
import { nextTokenTargets } from '../losses/next-token.js';
import type { Aspect } from './aspect-option.js';
import type { Batch } from './batch.js';
import {
  END_OF_TEXT,
  productSequence,
  type Segment,
  type Sequence,
  type SequenceOptions,
  specialId,
} from './sequence.js';

/**
 * A captioning sequence: [image][crop][title][category][attributes]<|im_end|>, the product's sequence of the main stage plus an end token.
 * The network learns to write the text after the pictures. A product without pictures is plain language modelling; a product without text
 * is only an end token.
 * @throws UserError when no field is left to read, or the tokenizer has no <|im_end|>
 */
export function captionSequence(product: Product, options: SequenceOptions): Sequence {
  const { id, segments } = productSequence(product, options);
  const { aspect, image } = segments[segments.length - 1];
  const end: Segment = { aspect: image ? 'title' : aspect, ids: [specialId(options.tokenizer, END_OF_TEXT)] };
  return { id, segments: [...segments, end] };
}

/**
 * A grounding sequence: the prompt of `groundingPrompt`, token by token as `groundingDetector` uses it, and the box as the answer.
 * @param title names the object to find; without it, the main product
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
  const answer = `${boxAnswer(box, side)}${END_OF_TEXT}`;
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

/**
 * Targets of `nextToken` for a batch of captioning or grounding sequences, [rows]: the next token if it belongs to a text and not to a
 * prompt, else -1.
 */
export function captionTargets({ tokens, length, aspects }: Pick<Batch, 'tokens' | 'length' | 'aspects'>): Int32Array {
  return nextTokenTargets(tokens, length, (row) => isWritten(aspects[row]));
}

/** Whether a network writes tokens of this aspect; pictures and prompts are given, and padding (null) is nothing. */
export const isWritten = (aspect: Aspect | null): boolean =>
  aspect === 'title' || aspect === 'category' || aspect === 'attribute';

/** The answer that `groundingPrompt` asks for: corners in integer pixels, at least one pixel apart. */
function boxAnswer({ x1, y1, x2, y2 }: Box, side: number): string {
  const [left, top] = [x1, y1].map((at) => Math.min(Math.round(at * side), side - 1));
  const [right, bottom] = [Math.max(Math.round(x2 * side), left + 1), Math.max(Math.round(y2 * side), top + 1)];
  return `[{"bbox_2d": [${left}, ${top}, ${right}, ${bottom}]}]`;
}
