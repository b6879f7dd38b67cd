import { UserError } from '../checks/error.js';
import { wholeImage } from '../data/region.js';
import type { Box, Product, ProductImage, Query } from '../data/types.js';
import type { SequenceImage } from '../pictures/shown-picture.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { Aspect } from './aspect-option.js';

/** A run of tokens of one aspect. An image segment's ids are vision-start, one pad a visual token, vision-end. */
export interface Segment {
  aspect: Aspect;
  ids: number[];
  image?: SequenceImage;
}

/** A product or a query as the network reads it: [image][crop][title][category path][attributes] (paper, figure 4b). */
export interface Sequence {
  /** The product's or query's id, for messages and for masks. */
  id: string;
  segments: Segment[];
}

/** A field of a product that can be withheld because it is the label under test: `title`, `category`, `attribute:colour` ... */
export type Field = 'image' | 'title' | 'category' | 'attributes' | `attribute:${string}`;

export interface SequenceOptions {
  tokenizer: Tokenizer;
  /** Visual tokens an image. */
  imageTokens: number;
  /** Box of an image's core region; undefined gives a sequence without crops. Without a box it is the whole image again. */
  region?: (image: ProductImage, title?: string) => Box | undefined;
  /** Whether an image is shown whole and as its crop, or as the crop alone. Without regions it is whole, once. Default `both`. */
  views?: 'both' | 'crop';
  /** Fields left out. */
  withhold?: readonly Field[];
  /** How many of a product's images are read, from the first on. Default 1. */
  images?: number;
  /** Longest text of one field in tokens; the rest is cut. Default 96. */
  maxTextTokens?: number;
}

/**
 * Stands in a text for words that are withheld because they give away the label under test. Written as the generated shop writes it;
 * one token of tokenizers that moon-lab trains, plain text to a published one.
 */
export const maskToken = '[mask]';

/** Special tokens of every tokenizer that moon-lab trains, named as in Qwen2.5-VL. */
export const specialTokens = [
  '<|endoftext|>',
  '<|im_start|>',
  '<|im_end|>',
  '<|object_ref_start|>',
  '<|object_ref_end|>',
  '<|box_start|>',
  '<|box_end|>',
  '<|vision_start|>',
  '<|vision_end|>',
  '<|image_pad|>',
  maskToken,
] as const;

/**
 * The sequence of a product. Absent and withheld fields leave no token.
 * @throws UserError when nothing is left to read.
 */
export function productSequence(product: Product, options: SequenceOptions): Sequence {
  const withheld = new Set(options.withhold);
  const images = withheld.has('image') ? [] : product.images.slice(0, options.images ?? 1);
  const attributes = withheld.has('attributes')
    ? []
    : Object.entries(product.attributes).filter(([name]) => !withheld.has(`attribute:${name}`));
  const segments = [
    ...images.flatMap((image) => imageSegments(image, product.title, options)),
    ...textSegment('title', withheld.has('title') ? '' : product.title, options),
    ...textSegment('category', withheld.has('category') ? '' : categoryText(product.category), options),
    ...attributes.flatMap(([name, values]) => textSegment('attribute', attributeText(name, values), options)),
  ];
  return checked({ id: product.id, segments });
}

/** The sequence of a query: image, text or both. Its text carries the aspect `title`; no detector is told a title. */
export function querySequence(query: Query, options: SequenceOptions): Sequence {
  const segments = [
    ...(query.image ? imageSegments(query.image, undefined, options) : []),
    ...textSegment('title', query.text ?? '', options),
  ];
  return checked({ id: query.id, segments });
}

/** A sequence in readable form: `[image 18] [title] Golden Delicious [category] Fruit > Apple`. */
export function readSequence(sequence: Sequence, tokenizer: Tokenizer): string {
  return sequence.segments
    .map(({ aspect, ids, image }) => `[${aspect}${image ? ` ${ids.length}` : `] ${tokenizer.decode(ids).trim()}`}`)
    .map((text) => (text.includes(']') ? text : `${text}]`))
    .join(' ');
}

export function categoryText(path: readonly string[]): string {
  return path.join(' > ');
}

export function attributeText(name: string, values: readonly string[]): string {
  return `${name}: ${values.join(', ')};`;
}

function imageSegments(image: ProductImage, title: string | undefined, options: SequenceOptions): Segment[] {
  const whole: Segment = { aspect: 'image', ids: imageIds(options), image: { image } };
  if (!options.region) return [whole];
  const box = options.region(image, title) ?? wholeImage;
  const crop: Segment = { aspect: 'crop', ids: imageIds(options), image: { image, crop: box } };
  return options.views === 'crop' ? [crop] : [whole, crop];
}

function imageIds({ tokenizer, imageTokens }: SequenceOptions): number[] {
  const [start, pad, end] = ['<|vision_start|>', '<|image_pad|>', '<|vision_end|>'] as const;
  return [
    specialId(tokenizer, start),
    ...Array(imageTokens).fill(specialId(tokenizer, pad)),
    specialId(tokenizer, end),
  ];
}

/** @throws UserError when the tokenizer lacks the token. */
export function specialId(tokenizer: Tokenizer, token: (typeof specialTokens)[number]): number {
  const id = tokenizer.idOf(token);
  if (id === undefined)
    throw new UserError(`The tokenizer has no ${token}. Train it with specialTokens, or load Qwen2.5-VL's own.`);
  return id;
}

function textSegment(aspect: Aspect, text: string, { tokenizer, maxTextTokens = 96 }: SequenceOptions): Segment[] {
  const words = text.trim();
  if (!words) return [];
  // A leading space makes a word at the start of a field the same token as inside one.
  return [{ aspect, ids: tokenizer.encode(` ${words}`).slice(0, maxTextTokens) }];
}

function checked(sequence: Sequence): Sequence {
  if (!sequence.segments.length)
    throw new UserError(
      `${sequence.id}: no image and no text is left to read. Give it a title or an image, or withhold less.`,
    );
  return sequence;
}
