import { type Encoder, sequenceOptions } from '../../encoder/encoder.js';
import { requireQuestion } from '../../encoder/writing/words-of-its-own.js';
import { writeTexts } from '../../encoder/writing/write-texts.js';
import type { Aspect } from '../../moon/aspect-option.js';
import { questionSequence } from '../../moon/question.js';
import type { CompletedField } from '../field.js';
import type { Filled, Filler } from '../filler.js';

export interface DecoderOptions {
  /** Most tokens of a text. Default 24. */
  most?: number;
  /** Read the prompt without the picture: what such a text says, the network knows of products in general. */
  isBlind?: boolean;
}

/**
 * The network writes the text, from the first picture and a prompt that names the field. A product without a readable picture gets none, as does
 * one for which nothing or a loop was written.
 * @throws UserError for a network that has learned no such question
 */
export function decoder(encoder: Encoder, { most = 24, isBlind = false }: DecoderOptions = {}): Filler {
  return async ({ products, field, pixels, signal }) => {
    requireQuestion(encoder, kindOf(field));
    const read = sequenceOptions(encoder, pixels);
    const pictured = products.filter(({ images: [image] }) => isBlind || (image && !pixels.missing.has(image.id)));
    const prompts = pictured.map(({ id, images: [image] }) => {
      const shown = isBlind ? {} : { image };
      return questionSequence({ id, ...shown, prompt: field, answer: aspectOf(field) }, read);
    });
    const written = await writeTexts(encoder, prompts, pixels, { most, aspect: aspectOf(field), signal });
    const found = new Map(
      pictured.map(({ id }, at): [string, Filled] => {
        const { text, ended } = written[at];
        if (ended === 'repeating') return [id, { none: 'what was written only repeats itself' }];
        return [id, text ? { text } : { none: 'nothing was written' }];
      }),
    );
    return products.map(({ id }) => found.get(id) ?? { none: 'no picture that can be read' });
  };
}

const kindOf = (field: CompletedField): 'title' | 'category' | 'attribute' =>
  field === 'title' ? 'title' : field === 'category' ? 'category' : 'attribute';

const aspectOf = (field: CompletedField): Aspect => kindOf(field);
