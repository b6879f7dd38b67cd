import { queryForm } from '../data/types.js';
import { randomStream } from '../engine/random.js';
import { productItems, questionsOf, retrievalTask } from './retrieval-task.js';
import { productsById } from './subjects.js';
import type { Protocol } from './task.js';

/** Percent of the words that queries keep. */
export const keptWords = [100, 50, 20] as const;

/**
 * Queries of image and text against whole products, with all, half or a fifth of their words: what a network does where texts are short. Which words
 * stay depends on the query alone; one at least does. Made where it is requested by name.
 */
export const shortTextTasks: Protocol = (source) =>
  keptWords
    .filter((percent) => source.isWanted?.(`short-text.${percent}`) ?? false)
    .flatMap((percent) => {
      const products = productsById(source.catalogue);
      const pairs = source.catalogue.pairs.filter(
        ({ split, query }) => split === source.split && queryForm(query) === 'product',
      );
      const short = pairs.map((pair) => {
        const { query } = pair;
        return { ...pair, query: { ...query, text: someWords(query.text!, percent / 100, query.id) } };
      });
      return retrievalTask(
        `short-text.${percent}`,
        {
          title: `photo and ${percent}% of the words -> product`,
          query: 'image + crop and text',
          gallery: 'image + crop, title, category, attributes',
        },
        questionsOf(short, products),
        productItems(source.catalogue.products),
      );
    });

function someWords(text: string, fraction: number, id: string): string {
  const words = text.split(/\s+/).filter(Boolean);
  const count = Math.max(1, Math.round(words.length * fraction));
  const kept = new Set(
    randomStream(0, `words of ${id}`)
      .shuffle([...words.keys()])
      .slice(0, count),
  );
  return words.filter((_, at) => kept.has(at)).join(' ');
}
