import type { Box, Product } from '../data/types.js';
import { coreMass } from '../figures/attention-map.js';
import { type Aspect, productSequence } from '../moon/sequence.js';
import { titleAttention } from '../regions/attention.js';
import { wholeImage } from '../regions/region.js';
import type { Pixels } from '../train/pixels.js';
import { type Trace, traceSequence } from '../train/trace.js';
import { sequenceOptions, type Trained } from '../train/trained.js';

/** How a network reads one product. */
export interface Explanation {
  /** Its sequence, segment by segment; a picture has no text. */
  sequence: { aspect: Aspect; tokens: number; text: string }[];
  /** How many tokens of an aspect an expert read in an expert layer. With top-k above 1 a token counts at each of its experts. */
  experts: { block: number; aspect: Aspect; expert: number | 'category' | 'attribute'; tokens: number }[];
  /** The core region; null without one. */
  box: Box | null;
  /** Share of the attention to the whole image that falls into the box; null where one of the two is missing. */
  attentionInBox: number | null;
  /** Attention of the last block from the title (of a product without title: from all tokens) to the image [rows][columns]. */
  attention: number[][] | null;
}

/** Let a network read a product with its main image, and say what it did. */
export async function explain(trained: Trained, product: Product, pixels: Pixels): Promise<Explanation> {
  const read = sequenceOptions(trained, pixels);
  const sequence = productSequence(product, read);
  const trace = await traceSequence(trained, sequence, pixels);
  const attention = trace.aspects.includes('image') ? titleAttention(trace) : null;
  const [image] = product.images;
  const box = (image && read.region?.(image, product.title)) ?? null;
  return {
    sequence: sequence.segments.map(({ aspect, ids, image }) => ({
      aspect,
      tokens: ids.length,
      text: image ? '' : trained.tokenizer.decode(ids).trim(),
    })),
    experts: trace.choices.flatMap(({ block, chosen }) =>
      countChoices(trace, chosen, trained.model.experts.kind === 'guided').map((each) => ({ block, ...each })),
    ),
    box,
    attentionInBox: attention && box && coreMass(attention, box) / coreMass(attention, wholeImage),
    attention,
  };
}

/** Tokens by aspect and expert: aspects in the order of the sequence, experts by number. */
function countChoices(
  { aspects }: Pick<Trace, 'aspects'>,
  chosen: readonly number[][],
  guided: boolean,
): Omit<Explanation['experts'][number], 'block'>[] {
  const counts = new Map<Aspect, Map<number | 'category' | 'attribute', number>>();
  aspects.forEach((aspect, row) => {
    if (aspect === null) return;
    const designated = guided && (aspect === 'category' || aspect === 'attribute');
    const own = counts.get(aspect) ?? new Map<number | 'category' | 'attribute', number>();
    for (const expert of designated ? [aspect] : chosen[row]) own.set(expert, (own.get(expert) ?? 0) + 1);
    counts.set(aspect, own);
  });
  return [...counts].flatMap(([aspect, own]) =>
    [...own].sort(([a], [b]) => Number(a) - Number(b)).map(([expert, tokens]) => ({ aspect, expert, tokens })),
  );
}
