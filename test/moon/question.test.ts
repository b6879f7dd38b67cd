import { describe, expect, test } from 'vitest';
import { buildBatch } from '../../src/moon/batch.js';
import { captionSequence, captionTargets } from '../../src/moon/captions.js';
import { batchOptions } from '../../src/moon/model.js';
import { exerciseSequence, questionAbout, questionSequence } from '../../src/moon/question.js';
import { readSequence } from '../../src/moon/sequence.js';
import { products, reading, smallModel, tokenizer } from './small.js';

const model = smallModel();
const read = reading(model);
const [apple, onlyTitle] = products;
const box = { x1: 0.104, y1: 0.2, x2: 0.896, y2: 1 };
const boxed = { ...apple, images: [{ ...apple.images[0], box }] };
const text = (kind: Parameters<typeof exerciseSequence>[1], at = 0, product = boxed) =>
  readSequence(exerciseSequence(product, kind, at, read), tokenizer);

/** What the network is asked to write. */
function targets(kind: Parameters<typeof exerciseSequence>[1]): string {
  const batch = buildBatch([exerciseSequence(boxed, kind, 0, read)], batchOptions(model));
  return tokenizer.decode([...captionTargets(batch)].filter((id) => id >= 0));
}

describe('an exercise in writing', () => {
  test('is the pictures, a prompt, the answer and an end', () => {
    expect(text('category')).toBe('[image 6] [crop 6] [prompt] category: [category] Fruit > Apple<|im_end|>');
    expect(text('attribute')).toBe('[image 6] [crop 6] [prompt] colour: [attribute] green, yellow<|im_end|>');
    expect(text('attribute', 1)).toBe('[image 6] [crop 6] [prompt] form: [attribute] whole fruit<|im_end|>');
    expect(text('attribute', 2)).toBe(text('attribute'));
  });

  test('about a box shows the whole image alone, whose corners are told in percent', () => {
    expect(text('box')).toBe('[image 6] [prompt] box: [title] 10 20 90 100<|im_end|>');
  });

  test('counts the answer and its end, and not the prompt', () => {
    expect(targets('category')).toBe(' Fruit > Apple<|im_end|>');
    expect(targets('box')).toBe(' 10 20 90 100<|im_end|>');
  });

  test('is the caption where the product does not say what is asked, and for all text', () => {
    expect(exerciseSequence(onlyTitle, 'category', 0, read)).toEqual(captionSequence(onlyTitle, read));
    expect(exerciseSequence(apple, 'box', 0, read)).toEqual(captionSequence(apple, read));
    expect(exerciseSequence(boxed, 'text', 3, read)).toEqual(captionSequence(boxed, read));
    expect(questionAbout(onlyTitle, undefined, 'attribute')).toBeUndefined();
  });

  test('without a picture is its prompt', () => {
    const question = questionAbout(apple, undefined, 'category')!;
    expect(readSequence(questionSequence(question, read), tokenizer)).toBe('[prompt] category:');
    const textAlone = questionSequence({ ...question, image: boxed.images[0] }, { ...read, views: 'none' });
    expect(readSequence(textAlone, tokenizer)).toBe('[prompt] category:');
  });
});
