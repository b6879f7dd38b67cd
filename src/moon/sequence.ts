import { type ImageMarks, qwenMarks } from '../backbones/layers/image-marks.js';
import { UserError } from '../checks/error.js';
import { fullImage } from '../data/region.js';
import type { Box, Product, ProductImage, Query } from '../data/types.js';
import type { ImageGrid } from '../pictures/patch-places.js';
import type { SequenceImage } from '../pictures/shown-picture.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { Aspect } from './aspect-option.js';
import type { FrozenText, ReadText } from './frozen-text.js';

/** Consecutive tokens of one aspect. The ids of an image segment are those of `ImageMarks`, the piece once per visual token. */
export interface Segment {
  aspect: Aspect;
  ids: number[];
  image?: SequenceImage;
  /** Rows and columns of its visual tokens, where pictures have different ones. */
  grid?: ImageGrid;
  /** What a frozen encoder reads in place of the ids, which only count its tokens. */
  read?: ReadText;
}

/** A product or a query as input of the network: [image][crop][words][title][category path][attributes] (paper, figure 4b; words where they are read). */
export interface Sequence {
  /** Id of the product or query, for messages and masks. */
  id: string;
  segments: Segment[];
}

/** A field of a product that can be withheld because it is the label under test: `title`, `category`, `attribute:colour` ... */
export type Field = 'image' | 'title' | 'category' | 'attributes' | `attribute:${string}`;

export interface SequenceOptions {
  tokenizer: Tokenizer;
  /** Reads the texts in place of the network's own vocabulary. */
  frozenText?: FrozenText;
  /** Visual tokens of every image. */
  imageTokens: number;
  /** Visual tokens of an image that keeps its shape, in place of `imageTokens`. */
  gridOf?: (picture: SequenceImage) => ImageGrid;
  /** How an image stands in the text. Default that of the Qwen families. */
  marks?: ImageMarks;
  /**
   * Returns the box of an image's core region; the whole image stands in where it returns undefined. Without this function, sequences have
   * no crops.
   */
  region?: (image: ProductImage, title?: string) => Box | undefined;
  /**
   * Show an image as the whole image and its crop, as the crop only, or not at all. Without `region` only the whole image is shown. Default
   * `both`.
   */
  views?: 'both' | 'crop' | 'none';
  /** The words read on an image; without this function none are. */
  words?: (image: ProductImage) => string;
  /** Fields to leave out. */
  withhold?: readonly Field[];
  /** Number of a product's images to read, from the first on. Default 1. */
  images?: number;
  /** Maximum tokens of one text field; longer text is cut. Default 96. */
  maxTextTokens?: number;
}

/**
 * Replaces words that are withheld from a text because they reveal the label under test. The generated shop writes it the same way. It is
 * one token for tokenizers that moon-lab trains; `network.from` adds it to published ones.
 */
export const maskToken = '[mask]';

/** Ends a caption. */
export const END_OF_TEXT = '<|im_end|>';

/** Special tokens of every tokenizer that moon-lab trains, named as in Qwen2.5-VL. */
export const specialTokens = [
  '<|endoftext|>',
  '<|im_start|>',
  END_OF_TEXT,
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
 * Build the sequence of a product. Missing and withheld fields give no tokens.
 * @throws UserError when no field is left to read
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

/**
 * Build the sequence of a query: image, text or both. Its text has the aspect `title`. Region detectors are never given a query's text.
 * @throws UserError when the query has neither image nor text
 */
export function querySequence(query: Query, options: SequenceOptions): Sequence {
  if (options.views === 'none' && query.image && !query.text?.trim())
    throw new UserError(`${query.id}: is an image, and this network reads texts alone (vision.kind: 'none').`);
  const segments = [
    ...(query.image ? imageSegments(query.image, undefined, options) : []),
    ...textSegment('title', query.text ?? '', options),
  ];
  return checked({ id: query.id, segments });
}

/** Format a sequence for reading: `[image 18] [title] Golden Delicious [category] Fruit > Apple`. */
export function readSequence(sequence: Sequence, tokenizer: Tokenizer): string {
  return sequence.segments
    .map(
      (segment) => `[${segment.aspect}${segment.image ? ` ${segment.ids.length}` : `] ${textOf(segment, tokenizer)}`}`,
    )
    .map((text) => (text.includes(']') ? text : `${text}]`))
    .join(' ');
}

/** The text that a segment shows. */
export const textOf = ({ ids, read }: Segment, tokenizer: Tokenizer): string =>
  read?.text ?? tokenizer.decode(ids).trim();

export function categoryText(path: readonly string[]): string {
  return path.join(' > ');
}

export function attributeText(name: string, values: readonly string[]): string {
  return `${name}: ${values.join(', ')};`;
}

function imageSegments(image: ProductImage, title: string | undefined, options: SequenceOptions): Segment[] {
  const words = options.views === 'none' ? [] : textSegment('words', options.words?.(image) ?? '', options);
  return [...pictureSegments(image, title, options), ...words];
}

/** The tokens of an image and of its core region. None for a network that sees no images. */
export function pictureSegments(image: ProductImage, title: string | undefined, options: SequenceOptions): Segment[] {
  if (options.views === 'none') return [];
  const whole = imageSegment('image', { image }, options);
  if (!options.region) return [whole];
  const box = options.region(image, title) ?? fullImage;
  const crop = imageSegment('crop', { image, crop: box }, options);
  return options.views === 'crop' ? [crop] : [whole, crop];
}

function imageSegment(aspect: Aspect, image: SequenceImage, options: SequenceOptions): Segment {
  const { tokenizer, imageTokens, gridOf, marks = qwenMarks } = options;
  const grid = gridOf?.(image);
  const ids = (tokens: readonly string[]) => tokens.map((token) => specialId(tokenizer, token));
  const count = grid ? grid.rows * grid.columns : imageTokens;
  const pieces = Array<number>(count).fill(specialId(tokenizer, marks.piece));
  const shown = { aspect, ids: [...ids(marks.before), ...pieces, ...ids(marks.after)], image };
  return grid ? { ...shown, grid } : shown;
}

/**
 * Id of a special token.
 * @throws UserError when the tokenizer lacks it
 */
export function specialId(tokenizer: Tokenizer, token: string): number {
  const id = tokenizer.idOf(token);
  if (id === undefined)
    throw new UserError(`The tokenizer has no ${token}. Train it with specialTokens, or load the network's own.`);
  return id;
}

/** The tokens of a text; none of an empty one. */
export function textSegment(
  aspect: Aspect,
  text: string,
  { tokenizer, frozenText, maxTextTokens = 96 }: SequenceOptions,
): Segment[] {
  const words = text.trim();
  if (!words) return [];
  if (frozenText) {
    const read = { text: words, most: maxTextTokens };
    return [{ aspect, ids: Array<number>(frozenText.countOf(read)).fill(specialId(tokenizer, maskToken)), read }];
  }
  // With a leading space, a word at the start of a field becomes the same token as within a field.
  return [{ aspect, ids: tokenizer.encode(` ${words}`).slice(0, maxTextTokens) }];
}

function checked(sequence: Sequence): Sequence {
  if (!sequence.segments.length)
    throw new UserError(
      `${sequence.id}: has no image and no text left to read. Give it a title or an image, or withhold less.`,
    );
  return sequence;
}
