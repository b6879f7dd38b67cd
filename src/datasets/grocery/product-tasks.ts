import type { Product } from '../../data/types.js';
import { type RandomStream, randomStream } from '../../engine/random.js';
import type { Aliases } from '../../tasks/aliases.js';
import { productItems, type Question, retrievalTask } from '../../tasks/retrieval-task.js';
import { photosOf } from '../../tasks/subjects.js';
import type { Protocol } from '../../tasks/task.js';
import { labelMask } from '../../tasks/withhold.js';

/** Maximum number of attribute values in a phrase. */
const MAX_VALUES = 3;

/**
 * G4: match a photo together with its coarse name or an attribute phrase. The phrase is sampled once per photo, independently of the
 * training seed, and never contains a word of the title. The text-only control measures the phrase alone.
 */
export const productTasks: Protocol = (source) => {
  const photos = photosOf(source);
  const questions = photos.flatMap(({ id, image, product }): Question[] => {
    const phrase = samplePhrase(product, randomStream(0, `g4 ${id}`), source.aliases);
    if (!phrase) return [];
    const input = { kind: 'query', query: { id, image, text: phrase.text } } as const;
    return [{ id, input, product, slices: { phrase: phrase.kind } }];
  });
  const left = photos.length - questions.length;
  return retrievalTask(
    'g4',
    {
      title: 'photo and a phrase -> product',
      query: 'photo + crop + coarse name or attributes',
      gallery: 'iconic image + crop, title, category, attributes',
    },
    questions,
    productItems(source.catalogue.products),
    left ? { leftOut: { 'nothing to say but the title': left } } : {},
  );
};

function samplePhrase(
  product: Product,
  stream: RandomStream,
  aliases?: Aliases,
): { kind: string; text: string } | undefined {
  const mask = labelMask(product, 'title', aliases);
  const unnamed = (text: string) => mask(text) === text;
  const coarse = product.category.slice(-1).filter(unnamed);
  const values = Object.values(product.attributes).flat().filter(unnamed);
  const attributes = stream
    .shuffle([...new Set(values)])
    .slice(0, 1 + stream.integer(MAX_VALUES))
    .join(' ');
  const kinds = [
    ...coarse.map((text) => ({ kind: 'coarse name', text })),
    ...(attributes ? [{ kind: 'attributes', text: attributes }] : []),
  ];
  return kinds.length ? stream.pick(kinds) : undefined;
}
