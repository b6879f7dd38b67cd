import type { Product } from '../../data/types.js';
import { type Encoder, sequenceOptions } from '../../encoder/encoder.js';
import { requireQuestion } from '../../encoder/writing/words-of-its-own.js';
import { writeTexts } from '../../encoder/writing/write-texts.js';
import { type Question, questionSequence } from '../../moon/question.js';
import type { QuestionKind } from '../../moon/question-option.js';
import type { Pixels } from '../../pictures/picture-store.js';
import type { CompletedField } from '../field.js';
import type { Filled, Filler } from '../filler.js';

export interface DecoderOptions {
  /** Most tokens of a text. Default 24. */
  most?: number;
  /** Read the prompt without the picture: what such a text says, the network knows of products in general. */
  isBlind?: boolean;
}

/**
 * The network writes the text, from the first picture and a prompt that names the field; a summary also from the description, of which more than
 * `maxTextTokens` is cut. A product with nothing to read gets none, as does one for which nothing or a loop was written.
 * @throws UserError for a network that has learned no such question
 */
export function decoder(encoder: Encoder, { most = 24, isBlind = false }: DecoderOptions = {}): Filler {
  return async ({ products, field, pixels, signal }) => {
    const kind = kindOf(field);
    const aspect = kind === 'summary' ? 'title' : kind;
    requireQuestion(encoder, kind);
    const read = sequenceOptions(encoder, pixels);
    const questions = products.flatMap((product): Question[] => {
      const { id, description = '' } = product;
      const shown = isBlind ? undefined : readable(product, pixels);
      const reads = kind === 'summary' ? description.trim() : '';
      if (!isBlind && !shown && !reads) return [];
      return [{ id, ...(shown && { image: shown }), ...(reads && { reads }), prompt: field, answer: aspect }];
    });
    const prompts = questions.map((question) => questionSequence(question, read));
    const written = await writeTexts(encoder, prompts, pixels, { most, aspect, signal });
    const { tokenizer, maxTextTokens = Number.POSITIVE_INFINITY } = read;
    const found = new Map(
      questions.map(({ id, reads = '' }, at): [string, Filled] => {
        const { text, ended } = written[at];
        if (ended === 'repeating') return [id, { none: 'what was written only repeats itself' }];
        if (!text) return [id, { none: 'nothing was written' }];
        return [id, tokenizer.encode(` ${reads}`).length > maxTextTokens ? { text, cut: true } : { text }];
      }),
    );
    const none = kind === 'summary' ? 'no description and no picture that can be read' : 'no picture that can be read';
    return products.map(({ id }) => found.get(id) ?? { none });
  };
}

/** The first picture, where there is one that could be read and the network reads pictures. */
function readable({ images: [image] }: Product, pixels: Pixels) {
  return image && !pixels.missing.has(image.id) ? image : undefined;
}

function kindOf(field: CompletedField): Exclude<QuestionKind, 'text' | 'box'> {
  const own = ['title', 'category', 'summary'] as const;
  return own.find((kind) => kind === field) ?? 'attribute';
}
