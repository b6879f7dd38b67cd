import type { ProductImage } from '../data/types.js';
import { randomStream } from '../engine/random.js';
import { type Input, imageOf, type Task } from '../tasks/task.js';
import { imageOnly, textOnly } from '../tasks/withhold.js';

/** A variant of a task with less information: inputs in the order of its queries and items. */
export interface Variant {
  queries: Input[];
  items: Input[];
}

/** A control, or why it does not apply: it would leave a side empty, or change nothing. */
export type Control = Variant | { none: string };

/** Controls of the query side, then of the gallery side. */
export const controlNames = ['textOnly', 'imageOnly', 'shuffledImage', 'galleryTextOnly', 'galleryImageOnly'] as const;
export type ControlName = (typeof controlNames)[number];

/** The controls of a task: each side reduced to its text or its image, and the images of the queries shuffled. */
export function controlsOf({ asks, items }: Task): Record<ControlName, Control> {
  const queries = asks.map(({ input }) => input);
  const gallery = items.map(({ input }) => input);
  const onQueries = (made: Input[] | { none: string }) => ('none' in made ? made : { queries: made, items: gallery });
  const onItems = (made: Input[] | { none: string }) => ('none' in made ? made : { queries, items: made });
  return {
    textOnly: onQueries(reduced(queries, 'image', 'queries')),
    imageOnly: onQueries(reduced(queries, 'text', 'queries')),
    shuffledImage: onQueries(shuffled(queries)),
    galleryTextOnly: onItems(reduced(gallery, 'image', 'items')),
    galleryImageOnly: onItems(reduced(gallery, 'text', 'items')),
  };
}

const otherSide = { image: 'text', text: 'image' } as const;

/** Remove image or text from every input. */
function reduced(inputs: readonly Input[], without: 'image' | 'text', side: string): Input[] | { none: string } {
  if (without === 'text' && inputs.some(({ kind }) => kind === 'question'))
    return { none: 'nothing is asked without a prompt' };
  if (!inputs.some((input) => holds(input, without))) return { none: `the ${side} hold no ${without}` };
  const kept = inputs.filter((input) => holds(input, otherSide[without]));
  if (!kept.length) return { none: `the ${side} hold nothing but ${without}` };
  if (kept.length < inputs.length)
    return { none: `${inputs.length - kept.length} of ${inputs.length} ${side} hold nothing but ${without}` };
  return inputs.map((input) => strip(input, without));
}

/** Whether an input has any content. */
export const isReadable = (input: Input) => holds(input, 'image') || holds(input, 'text');

/** Whether an input shows an image, or any text. */
export function holds(input: Input, what: 'image' | 'text'): boolean {
  if (what === 'image') return imageOf(input) !== undefined;
  if (input.kind === 'query') return Boolean(input.query.text);
  if (input.kind === 'question') return true;
  const { product, withhold = [] } = input;
  const shows = (field: (typeof withhold)[number], there: boolean) => there && !withhold.includes(field);
  return (
    shows('title', product.title !== '') ||
    shows('category', product.category.length > 0) ||
    (!withhold.includes('attributes') &&
      Object.keys(product.attributes).some((name) => !withhold.includes(`attribute:${name}`)))
  );
}

function strip(input: Input, without: 'image' | 'text'): Input {
  if (input.kind === 'query') {
    const { id, text, image } = input.query;
    return { kind: 'query', query: without === 'image' ? { id, text } : { id, image } };
  }
  if (input.kind === 'question') {
    const { image: _, ...question } = input.question;
    return { kind: 'question', question };
  }
  const more = without === 'image' ? textOnly : imageOnly;
  return { ...input, withhold: [...(input.withhold ?? []), ...more] };
}

/** Shuffle the images among the queries. The score then measures everything except the image. */
function shuffled(inputs: readonly Input[]): Input[] | { none: string } {
  const pictured = inputs.filter((input) => holds(input, 'image'));
  if (pictured.length < inputs.length) {
    const few = pictured.length ? `${inputs.length - pictured.length} of ${inputs.length} queries` : 'the queries';
    return { none: `${few} hold no image` };
  }
  if (new Set(inputs.map(imageOf)).size < 2) return { none: 'all queries hold one image' };
  const images = randomStream(0, 'shuffled-photos').shuffle(inputs.map((input) => imageOf(input)!));
  return inputs.map((input, at) => withImage(input, images[at]));
}

function withImage(input: Input, image: ProductImage): Input {
  if (input.kind === 'query') return { kind: 'query', query: { ...input.query, image } };
  if (input.kind === 'question') return { kind: 'question', question: { ...input.question, image } };
  return { ...input, product: { ...input.product, images: [image] } };
}
