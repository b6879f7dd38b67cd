import { type Encoder, sequenceOptions } from '../encoder/encoder.js';
import { writeTexts } from '../encoder/writing/write-texts.js';
import { questionAbout, questionSequence } from '../moon/question.js';
import type { Pixels } from '../pictures/picture-store.js';
import { type GraphAnswer, parseAnswer } from './answer.js';
import { type GraphQuestion, graphProduct, type Shown } from './catalogue.js';

/**
 * The answers that a network writes to questions, in their order; undefined for a text that is none.
 * @param shown of each graph
 */
export async function askNetwork(
  encoder: Encoder,
  asked: readonly GraphQuestion[],
  shown: Shown,
  { pixels, most, signal }: { pixels: Pixels; most: number; signal?: AbortSignal },
): Promise<(GraphAnswer | undefined)[]> {
  const read = sequenceOptions(encoder, pixels);
  const prompts = asked.map((question) => {
    const product = graphProduct(question, shown);
    return questionSequence(questionAbout(product, product.images[0], 'attribute')!, read);
  });
  const written = await writeTexts(encoder, prompts, pixels, { most, aspect: 'attribute', signal });
  return written.map(({ text }) => parseAnswer(text));
}
