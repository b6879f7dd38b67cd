import type { Product } from '../data/types.js';
import { randomStream } from '../engine/random.js';
import { type AnsweredQuestion, questionAbout } from '../moon/question.js';
import { mostFrequent } from './labels.js';
import { photosOf, type Subject, trainingProducts } from './subjects.js';
import { type Ask, type Protocol, slicesOf, type Task, type TaskSource, textInput } from './task.js';

/** What a network is asked about a photo. */
export const answers = ['category', 'attribute', 'box'] as const;
export type Answer = (typeof answers)[number];

/** Number of boxes that a question about one offers, the right one among them. */
const BOXES = 8;

const titles = {
  category: 'photo -> category, written',
  attribute: 'photo -> value of an attribute, written',
  box: 'photo -> box of its core region, written',
} as const;

/**
 * Questions about the photos of the split, answered by what a network is most likely to write: the category path among all, the value of an
 * attribute among all values of that attribute (photos take turns in the attributes of their products), the box among those of seven other photos.
 * Made where one is requested by name, since only a network with a captioning stage can write.
 */
export const answerTasks: Protocol = (source) =>
  answers
    .filter((answer) => source.isWanted?.(`answers.${answer}`) ?? false)
    .flatMap((answer) => answerTask(answer, source));

function answerTask(answer: Answer, source: TaskSource): Task[] {
  const photos = photosOf(source);
  const asked = photos.flatMap((photo, at) => {
    const question = questionAbout(photo.product, photo.image, answer, at);
    return question ? [{ ...photo, question: { ...question, id: photo.id } }] : [];
  });
  const offered = offers[answer](asked, source);
  const asks = asked.map(({ id, product, question }, at): Ask => {
    const { text, ...shown } = question;
    const input = { kind: 'question', question: shown } as const;
    const slices = { ...slicesOf(input, product), asked: question.prompt };
    return { id, input, gold: [text], choices: offered[at], product: product.id, slices };
  });
  const texts = [...new Set(offered.flat())];
  if (!asks.length || texts.length < 2) return [];
  const without = photos.length - asked.length;
  return [
    {
      name: `answers.${answer}`,
      title: titles[answer],
      kind: 'choice',
      query: answer === 'box' ? 'image and prompt' : 'image + crop and prompt',
      gallery:
        answer === 'box'
          ? `${BOXES} boxes`
          : `all ${answer === 'category' ? 'category paths' : 'values of the attribute'}`,
      asks,
      items: texts.map((text) => ({ id: text, input: textInput(text, text) })),
      ...(answer === 'category' ? { majority: mostFrequent(pathsOf(trainingProducts(source))) } : {}),
      ...(without ? { leftOut: { [`the product has no ${answer}`]: without } } : {}),
    },
  ];
}

type Asked = Subject & { question: AnsweredQuestion };

const pathsOf = (products: readonly Product[]) =>
  products.flatMap((product) => questionAbout(product, undefined, 'category')?.text ?? []);

/** The texts that each question offers, the right one among them. */
const offers: Record<Answer, (asked: readonly Asked[], source: TaskSource) => string[][]> = {
  category: (asked, { catalogue: { products } }) => {
    const paths = [...new Set(pathsOf(products))];
    return asked.map(() => paths);
  },
  attribute: (asked, { catalogue: { products } }) => {
    const values = new Map<string, Set<string>>();
    for (const { attributes } of products)
      for (const [name, own] of Object.entries(attributes))
        values.set(name, (values.get(name) ?? new Set()).add(own.join(', ')));
    return asked.map(({ question }) => [...values.get(question.prompt)!]);
  },
  box: (asked) => {
    const texts = [...new Set(asked.map(({ question }) => question.text))];
    return asked.map(({ id, question }) => {
      const others = randomStream(0, `boxes beside ${id}`).shuffle(texts.filter((text) => text !== question.text));
      return [question.text, ...others.slice(0, BOXES - 1)];
    });
  },
};
