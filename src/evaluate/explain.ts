import { fullImage } from '../data/region.js';
import type { Box, Product } from '../data/types.js';
import { type Encoder, sequenceOptions } from '../encoder/encoder.js';
import { traceSequence } from '../encoder/trace.js';
import { coreMass } from '../figures/cards/attention-map.js';
import type { Aspect } from '../moon/aspect-option.js';
import type { RouterChoice } from '../moon/experts/router-choices.js';
import { productSequence, textOf } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import { titleAttention } from '../regions/attention.js';

/** How the model reads one product. */
export interface Explanation {
  /** The token sequence, segment by segment. Image segments have no text. */
  sequence: { aspect: Aspect; tokens: number; text: string }[];
  /**
   * The number of tokens of each aspect that each expert reads, per expert layer. If top-k is above 1, a token counts for each of its
   * experts.
   */
  experts: RouterChoice[];
  /** The core region; null if there is none. */
  box: Box | null;
  /** The fraction of the attention to the full image that falls into the box; null if there is no attention or no box. */
  attentionInBox: number | null;
  /** Attention of the last block from the title (from all tokens if the product has no title) to the image, [rows][columns]. */
  attention: number[][] | null;
}

/**
 * Embed a product with its main image and report sequence, experts, core region and attention.
 * @example
 * ```ts
 * const catalogue = await moon.openCatalogue(moon.GROCERY_PACK);
 * const encoder = moon.loadBest('runs/start/seed-1');
 * const pixels = await moon.encoder.preparePixels(encoder.config, catalogue);
 * const { sequence, box, attentionInBox } = await moon.explain(encoder, catalogue.products[0], pixels);
 * ```
 */
export async function explain(encoder: Encoder, product: Product, pixels: Pixels): Promise<Explanation> {
  const read = sequenceOptions(encoder, pixels);
  const sequence = productSequence(product, read);
  const trace = await traceSequence(encoder, sequence, pixels);
  const attention = trace.aspects.includes('image') ? titleAttention(trace) : null;
  const [image] = product.images;
  const box = (image && read.region?.(image, product.title)) ?? null;
  return {
    sequence: sequence.segments.map((segment) => ({
      aspect: segment.aspect,
      tokens: segment.ids.length,
      text: segment.image ? '' : textOf(segment, encoder.tokenizer),
    })),
    experts: trace.choices,
    box,
    attentionInBox: attention && box && coreMass(attention, box) / coreMass(attention, fullImage),
    attention,
  };
}
