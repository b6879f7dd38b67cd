import { wholeImage } from '../data/region.js';
import type { Box, Product } from '../data/types.js';
import { type Encoder, sequenceOptions } from '../encoder/encoder.js';
import { traceSequence } from '../encoder/trace.js';
import { coreMass } from '../figures/cards/attention-map.js';
import type { Aspect } from '../moon/aspect-option.js';
import type { RouterChoice } from '../moon/experts/router-choices.js';
import { productSequence } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import { titleAttention } from '../regions/attention.js';

/** How a network reads one product. */
export interface Explanation {
  /** Its sequence, segment by segment; a picture has no text. */
  sequence: { aspect: Aspect; tokens: number; text: string }[];
  /** How many tokens of an aspect an expert read in an expert layer. With top-k above 1 a token counts at each of its experts. */
  experts: RouterChoice[];
  /** The core region; null without one. */
  box: Box | null;
  /** Fraction of the attention to the whole image that falls into the box; null where one of the two is missing. */
  attentionInBox: number | null;
  /** Attention of the last block from the title (of a product without title: from all tokens) to the image [rows][columns]. */
  attention: number[][] | null;
}

/** Let a network read a product with its main image, and say what it did. */
export async function explain(encoder: Encoder, product: Product, pixels: Pixels): Promise<Explanation> {
  const read = sequenceOptions(encoder, pixels);
  const sequence = productSequence(product, read);
  const trace = await traceSequence(encoder, sequence, pixels);
  const attention = trace.aspects.includes('image') ? titleAttention(trace) : null;
  const [image] = product.images;
  const box = (image && read.region?.(image, product.title)) ?? null;
  return {
    sequence: sequence.segments.map(({ aspect, ids, image }) => ({
      aspect,
      tokens: ids.length,
      text: image ? '' : encoder.tokenizer.decode(ids).trim(),
    })),
    experts: trace.choices,
    box,
    attentionInBox: attention && box && coreMass(attention, box) / coreMass(attention, wholeImage),
    attention,
  };
}
