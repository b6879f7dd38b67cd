import { expect, test } from 'vitest';
import { type Control, controlNames, controlsOf, holds } from '../../src/evaluate/controls.js';
import { type Ask, type Input, imageInput, type Task, textInput } from '../../src/tasks/task.js';
import { withholdField } from '../../src/tasks/withhold.js';
import { picture, products } from '../moon/small.js';

const [apple, , juice] = products;

function task(queries: Input[], items: Input[]): Task {
  const asks = queries.map((input, at): Ask => ({ id: `q${at}`, input, gold: ['i0'], product: 'p', slices: {} }));
  const named = items.map((input, at) => ({ id: `i${at}`, input }));
  return { name: 't', kind: 'retrieval', query: '', gallery: '', asks, items: named };
}

const product = (each: typeof apple): Input => ({ kind: 'product', product: each });
const both = (id: string): Input => ({ kind: 'query', query: { id, text: 'red', image: picture(id) } });
const made = (control: Control) => {
  if ('none' in control) throw new Error(control.none);
  return control;
};

test('each side is reduced to its text or its image, and the other side stays', () => {
  const given = task([both('a'), both('b')], [product(apple), product(juice)]);
  const controls = controlsOf(given);
  expect(Object.keys(controls)).toEqual([...controlNames]);
  const items = given.items.map(({ input }) => input);
  for (const [name, shown, hidden] of [
    ['textOnly', 'text', 'image'],
    ['imageOnly', 'image', 'text'],
  ] as const) {
    const { queries, items: gallery } = made(controls[name]);
    for (const input of queries) expect([holds(input, shown), holds(input, hidden)]).toEqual([true, false]);
    expect(gallery).toEqual(items);
  }
  const { queries, items: gallery } = made(controls.galleryTextOnly);
  for (const input of gallery) expect([holds(input, 'text'), holds(input, 'image')]).toEqual([true, false]);
  expect(queries).toEqual(given.asks.map(({ input }) => input));
});

test('images are handed round, and texts stay', () => {
  const queries = Array.from({ length: 20 }, (_, at) => both(`photo ${at}`));
  const { queries: shuffled } = made(controlsOf(task(queries, [product(apple)])).shuffledImage);
  const imagesOf = (inputs: Input[]) => inputs.map((input) => (input.kind === 'query' ? input.query.image!.id : ''));
  expect(imagesOf(shuffled)).not.toEqual(imagesOf(queries));
  expect(imagesOf(shuffled).sort()).toEqual(imagesOf(queries).sort());
  for (const input of shuffled) expect(holds(input, 'text')).toBe(true);
});

test('a control that would leave a side empty, or change nothing, says so', () => {
  const controls = controlsOf(task([imageInput('a', picture('a'))], [textInput('x', 'x'), product(products[1])]));
  expect(controls).toEqual({
    textOnly: { none: 'the queries hold nothing but image' },
    imageOnly: { none: 'the queries hold no text' },
    shuffledImage: { none: 'all queries hold one image' },
    galleryTextOnly: { none: 'the items hold no image' },
    galleryImageOnly: { none: 'the items hold nothing but text' },
  });
  const some = controlsOf(task([both('a'), textInput('q', 'red')], [product(apple), product(products[1])]));
  expect(some.imageOnly).toEqual({ none: '1 of 2 queries hold nothing but text' });
  expect(some.shuffledImage).toEqual({ none: '1 of 2 queries hold no image' });
  expect(some.galleryImageOnly).toEqual({ none: '1 of 2 items hold nothing but text' });
});

test('what is withheld is not there', () => {
  const bare: Input = {
    kind: 'product',
    product: withholdField({ ...apple, attributes: {} }, 'category'),
    withhold: ['title'],
  };
  expect(holds(bare, 'text')).toBe(false);
  expect(holds({ ...bare, withhold: ['image'] }, 'image')).toBe(false);
});
