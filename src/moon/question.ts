import type { Product, ProductImage } from '../data/types.js';
import type { Aspect } from './aspect-option.js';
import { captionSequence } from './captions.js';
import type { QuestionKind } from './question-option.js';
import {
  categoryText,
  END_OF_TEXT,
  pictureSegments,
  type Segment,
  type Sequence,
  type SequenceOptions,
  specialId,
  textSegment,
} from './sequence.js';

/** A picture and a prompt, to which a network writes an answer. Without a picture it can only guess. */
export interface Question {
  id: string;
  image?: ProductImage;
  /** Names what the answer tells: `title`, `category`, an attribute, `summary`, `box`. */
  prompt: string;
  /** The aspect of the answer's tokens, by which guided experts know them. */
  answer: Aspect;
  /** A long text that is read between the picture and the prompt; what is longer than `maxTextTokens` is cut. */
  reads?: string;
  /** Show the whole image without its crop, where the answer is the crop's place. */
  whole?: boolean;
}

/** A question with what a product says in answer. */
export interface AnsweredQuestion extends Question {
  text: string;
}

/**
 * A question about a product and its answer: its title, its category path, the values of one attribute, its summary (of the
 * description, which is read), or the box of its image in percent.
 * @param at which attribute is asked for, counted through all that the product has
 * @returns undefined where the product does not say
 */
export function questionAbout(
  product: Product,
  image: ProductImage | undefined,
  kind: Exclude<QuestionKind, 'text'>,
  at = 0,
): AnsweredQuestion | undefined {
  const shown = { id: product.id, ...(image && { image }) };
  if (kind === 'title') {
    const text = product.title.trim();
    return text ? { ...shown, prompt: 'title', answer: 'title', text } : undefined;
  }
  if (kind === 'category') {
    const { category } = product;
    return category.length
      ? { ...shown, prompt: 'category', answer: 'category', text: categoryText(category) }
      : undefined;
  }
  if (kind === 'summary') {
    const { summary = '', description = '' } = product;
    const text = summary.trim();
    return text ? { ...shown, prompt: 'summary', answer: 'title', reads: description, text } : undefined;
  }
  if (kind === 'box')
    return image?.box ? { ...shown, prompt: 'box', answer: 'title', whole: true, text: boxText(image.box) } : undefined;
  const attributes = Object.entries(product.attributes);
  if (!attributes.length) return undefined;
  const [name, values] = attributes[at % attributes.length];
  return { ...shown, prompt: name, answer: 'attribute', text: values.join(', ') };
}

/** A question as the network reads it: [image][crop], a long text if there is one, and the prompt. */
export function questionSequence({ id, image, reads, prompt, whole }: Question, options: SequenceOptions): Sequence {
  const pictures = image ? pictureSegments(image, undefined, whole ? { ...options, region: undefined } : options) : [];
  const text = textSegment('prompt', reads ?? '', options);
  return { id, segments: [...pictures, ...text, ...textSegment('prompt', `${prompt}:`, options)] };
}

/** What the network writes in answer: the text and an end token, which makes the probabilities of all texts sum to 1. */
export function answerSegment(answer: Aspect, text: string, options: SequenceOptions): Segment {
  const [{ ids }] = textSegment(answer, text, options);
  return { aspect: answer, ids: [...ids, specialId(options.tokenizer, END_OF_TEXT)] };
}

/**
 * A product as an exercise in writing: a question and its answer. Where the product does not say what is asked, and for the kind `text`, its
 * caption.
 * @param at see `questionAbout`
 */
export function exerciseSequence(product: Product, kind: QuestionKind, at: number, options: SequenceOptions): Sequence {
  const asked = kind === 'text' ? undefined : questionAbout(product, product.images[0], kind, at);
  if (!asked) return captionSequence(product, options);
  const { id, segments } = questionSequence(asked, options);
  return { id, segments: [...segments, answerSegment(asked.answer, asked.text, options)] };
}

/** Corners of a box in percent of its image. */
function boxText({ x1, y1, x2, y2 }: NonNullable<ProductImage['box']>): string {
  return [x1, y1, x2, y2].map((at) => Math.round(100 * at)).join(' ');
}
