import { UserError, wrongOption } from '../checks/error.js';
import type { Product } from '../data/types.js';
import type { RandomStream } from '../engine/random.js';

/** The value of each fact of a product: its leaf category and its attributes. */
export type Facts = Readonly<Record<string, string>>;

/** "Which value do all three share?" Each distractor holds for two of the three, so no single product gives the answer away. */
export interface SharedQuiz {
  /** Numbers of three products. The second lacks a distractor that only a fact of `shownBySecond` can rule out. */
  products: readonly [number, number, number];
  shared: string;
  /** Four values of four facts in random order, `shared` among them. */
  choices: readonly string[];
}

export interface QuizOptions {
  /** Names of the facts that are asked for. */
  facts: readonly string[];
  /** Those that the second product shows, as an edge map shows no colour. At least two. */
  shownBySecond: readonly string[];
  count: number;
  stream: RandomStream;
}

/** Searches for three products after which one that fits no others is given up. */
const TRIES = 50;

/** The facts of a product; of several values the first. */
export function factsOf({ category, attributes }: Pick<Product, 'category' | 'attributes'>): Facts {
  const leaf = category.at(-1);
  return {
    ...(leaf === undefined ? {} : { category: leaf }),
    ...Object.fromEntries(Object.entries(attributes).flatMap(([name, [value]]) => (value ? [[name, value]] : []))),
  };
}

/**
 * Draw questions. Four facts are drawn, then which of them is shared, each with the same probability: what a fact is says nothing about whether
 * it is the answer. All other facts differ somewhere, so the answer is unique.
 * @throws UserError for fewer than four facts, and for products among which no three fit
 */
export function sharedQuizzes(products: readonly Facts[], options: QuizOptions): SharedQuiz[] {
  const { facts, shownBySecond, count, stream } = options;
  if (new Set(facts).size < 4) throw wrongOption('quiz.facts', facts, 'at least four facts');
  if (shownBySecond.filter((name) => facts.includes(name)).length < 2)
    throw wrongOption('quiz.shownBySecond', shownBySecond, 'at least two of the facts');
  const known = products.flatMap((own, at) => (facts.every((name) => own[name] !== undefined) ? [at] : []));
  const found: SharedQuiz[] = [];
  for (let tries = 0; found.length < count; tries++) {
    if (tries > TRIES * (count + 10))
      throw new UserError(
        `quiz: among ${known.length} products with all facts, too few share the values that questions need. Give more products, or other facts.`,
      );
    const quiz = known.length ? drawQuiz(products, known) : undefined;
    if (quiz) found.push(quiz);
  }
  return found;

  function drawQuiz(all: readonly Facts[], own: readonly number[]): SharedQuiz | undefined {
    const four = stream.shuffle(facts).slice(0, 4);
    const shown = four.filter((name) => shownBySecond.includes(name));
    if (shown.length < 2) return undefined;
    const shared = stream.pick(four);
    const notSecond = stream.pick(shown.filter((name) => name !== shared));
    const [notThird, notFirst] = four.filter((name) => name !== shared && name !== notSecond);
    const same = (one: Facts, other: Facts, name: string) => one[name] === other[name];
    const first = stream.pick(own);
    const a = all[first];
    const second = pickWhere(own, stream, (at) => {
      const b = all[at];
      return same(a, b, shared) && same(a, b, notThird) && !same(a, b, notSecond) && !same(a, b, notFirst);
    });
    if (second === undefined) return undefined;
    const b = all[second];
    const others = facts.filter((name) => !four.includes(name));
    const third = pickWhere(own, stream, (at) => {
      const c = all[at];
      const isElsewhere = others.some((name) => same(a, b, name) && same(a, c, name));
      const distractors = same(a, c, notSecond) && same(b, c, notFirst) && !same(a, c, notThird);
      return same(a, c, shared) && distractors && !isElsewhere;
    });
    if (third === undefined) return undefined;
    const choices = stream.shuffle([a[shared], a[notThird], a[notSecond], b[notFirst]]);
    return { products: [first, second, third], shared: a[shared], choices };
  }
}

function pickWhere(all: readonly number[], stream: RandomStream, fits: (at: number) => boolean): number | undefined {
  const fitting = all.filter(fits);
  return fitting.length ? stream.pick(fitting) : undefined;
}
