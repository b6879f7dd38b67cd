import { join } from 'node:path';
import type { Say } from '../ablate/run/seed-study.js';
import type { Shop } from '../datasets/shop/shop-type.js';
import { randomStream } from '../engine/random.js';
import type { QuizData } from './batch.js';
import { factsOf, type SharedQuiz, sharedQuizzes } from './quiz.js';
import type { CompositionSettings } from './settings.js';
import { pictureModalities, tableModality } from './shop-modalities.js';
import { wordsOf } from './words.js';

/** Questions by split. */
export interface Quizzes {
  train: readonly SharedQuiz[];
  /** Factors of adapters are chosen by these. */
  dev: readonly SharedQuiz[];
  val: readonly SharedQuiz[];
}

/** The products with what shows them, and questions about those of each split. @param out folder that keeps drawn pictures */
export async function openQuizData(
  settings: CompositionSettings,
  shop: Shop,
  out: string,
  say: Say,
  signal: AbortSignal,
): Promise<{ data: QuizData; quizzes: Quizzes }> {
  const { facts, vision, questions } = settings;
  const products = shop.products.map(factsOf);
  const { photo, edges } = await pictureModalities(shop, {
    vision: { kind: 'onnx', ...vision },
    imageSize: shop.settings.imageSize,
    drawings: join(out, 'pictures'),
    onProgress: (done, total, label) => say(label, done, total),
    signal,
  });
  const modalities = [photo, edges, tableModality(products, facts)];
  const data: QuizData = { products, facts, words: wordsOf(products, facts), modalities };
  const of = (split: 'train' | 'dev' | 'val') => {
    const rows = shop.products.flatMap(({ id }, at) => (shop.splits.get(id) === split ? [at] : []));
    return quizzesOf(settings, data, rows, questions[split], split);
  };
  return { data, quizzes: { train: of('train'), dev: of('dev'), val: of('val') } };
}

/** Questions about products of one split, the same for every seed. */
function quizzesOf(
  { facts, inEdges }: CompositionSettings,
  { products }: QuizData,
  rows: readonly number[],
  count: number,
  name: string,
): SharedQuiz[] {
  const stream = randomStream(0, `quizzes of ${name}`);
  const own = rows.map((row) => products[row]);
  return sharedQuizzes(own, { facts, shownBySecond: inEdges, count, stream }).map((quiz) => {
    const [first, second, third] = quiz.products.map((at) => rows[at]);
    return { ...quiz, products: [first, second, third] };
  });
}
