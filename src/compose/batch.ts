import * as tf from '../engine/tf.js';
import { lengthOf, type Modality, type ModalityShape } from './modality.js';
import type { Facts, SharedQuiz } from './quiz.js';
import { ASK, places, type Words } from './words.js';

/** How a product of a question is shown: in words, in a modality, or not at all. */
export type View = 'words' | 'none' | { modality: string };

/** A question with a view of each of its products, and their order. */
export interface ShownQuiz {
  quiz: SharedQuiz;
  /** In the order in which products are shown; `at` is which of the question's products. */
  slots: readonly { at: 0 | 1 | 2; view: View }[];
}

/** What questions are about. */
export interface QuizData {
  products: readonly Facts[];
  /** Names of the facts that words tell, in their order. */
  facts: readonly string[];
  words: Words;
  modalities: readonly Modality[];
}

/** The tensors of a batch. `rows` = questions x length. */
export type QuizTensors = {
  /** [rows] row of the table [words; modality by modality: prefix, suffix, features of the questions] */
  source: tf.Tensor1D;
  /** [rows] 0 for words, else the number of the modality from 1 on */
  groups: tf.Tensor1D;
  /** [questions, length] */
  mask: tf.Tensor2D;
  /** [3, questions, length] */
  positions: tf.Tensor3D;
  /** [questions] row that is asked for the answer */
  ask: tf.Tensor1D;
  /** By modality [questions, tokens, width]; zeros where a question shows none. */
  features: Record<string, tf.Tensor3D>;
};

/**
 * Build a batch in which each question shows a modality at most once. Free the tensors with `tf.dispose`.
 * @param shapes the modalities of the network
 * @param length that questions are padded to
 */
export function quizBatch(
  shown: readonly ShownQuiz[],
  { products, facts, words, modalities }: QuizData,
  shapes: readonly ModalityShape[],
  length: number,
): QuizTensors {
  const count = shown.length;
  const source = new Int32Array(count * length);
  const groups = new Int32Array(count * length);
  const mask = new Float32Array(count * length);
  const ask = new Int32Array(count);
  const starts = tableStarts(words.size, shapes, count);
  const features = shapes.map(({ tokens, width }) => new Float32Array(count * tokens * width));
  shown.forEach(({ quiz, slots }, question) => {
    let row = question * length;
    const write = (from: number, group: number) => {
      source[row] = from;
      groups[row] = group;
      mask[row++] = 1;
    };
    slots.forEach(({ at, view }, slot) => {
      const product = quiz.products[at];
      write(words.idOf(places[slot]), 0);
      if (view === 'none') return;
      if (view === 'words') {
        for (const name of facts) write(words.idOf(products[product][name]), 0);
        return;
      }
      const modality = shapes.findIndex(({ name }) => name === view.modality);
      const { tokens, width, frame } = shapes[modality];
      const given = modalities.find(({ name }) => name === view.modality)!;
      const size = tokens * width;
      features[modality].set(given.features.subarray(product * size, (product + 1) * size), question * size);
      const { prefix, suffix, shown: first } = starts[modality];
      for (let token = 0; token < frame; token++) write(prefix + token, modality + 1);
      for (let token = 0; token < tokens; token++) write(first + question * tokens + token, modality + 1);
      for (let token = 0; token < frame; token++) write(suffix + token, modality + 1);
    });
    ask[question] = row;
    write(words.idOf(ASK), 0);
  });
  const position = Int32Array.from({ length: 3 * count * length }, (_, at) => at % length);
  return {
    source: tf.tensor1d(source, 'int32'),
    groups: tf.tensor1d(groups, 'int32'),
    mask: tf.tensor2d(mask, [count, length]),
    positions: tf.tensor3d(position, [3, count, length], 'int32'),
    ask: tf.tensor1d(ask, 'int32'),
    features: Object.fromEntries(
      shapes.map(({ name, tokens, width }, at) => [name, tf.tensor3d(features[at], [count, tokens, width])]),
    ),
  };
}

/** Where the rows of each modality start in the table that tokens are gathered from. */
function tableStarts(words: number, shapes: readonly ModalityShape[], count: number) {
  let next = words;
  return shapes.map(({ frame, tokens }) => {
    const prefix = next;
    next += 2 * frame + count * tokens;
    return { prefix, suffix: prefix + frame, shown: prefix + 2 * frame };
  });
}

/** The longest that a question can be whose products are shown in these views. */
export function lengthOfViews(views: readonly View[], facts: number, shapes: readonly ModalityShape[]): number {
  const lengths = views.map((view) => {
    if (view === 'none') return 0;
    if (view === 'words') return facts;
    return lengthOf(shapes.find(({ name }) => name === view.modality)!);
  });
  return lengths.reduce((sum, length) => sum + length, places.length + 1);
}
