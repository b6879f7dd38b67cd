import { setImmediate } from 'node:timers/promises';
import { mean } from 'simple-statistics';
import * as tf from '../engine/tf.js';
import { rankOf } from '../evaluate/rank-by-likelihood.js';
import type { Rank } from '../search/embeddings.js';
import { recallAt } from '../tasks/rank-metrics.js';
import { lengthOfViews, type QuizData, quizBatch, type ShownQuiz } from './batch.js';
import { answerScores } from './forward.js';
import type { ComposedNetwork } from './network.js';

/** Questions read together. */
const BATCH = 100;

/** Where the shared value stands among the choices of each question, by the score of its word. */
export async function answerQuizzes(
  network: ComposedNetwork,
  shown: readonly ShownQuiz[],
  data: QuizData,
  signal?: AbortSignal,
): Promise<Omit<Rank, 'query' | 'gold'>[]> {
  const lengths = shown.map(({ slots }) =>
    lengthOfViews(
      slots.map(({ view }) => view),
      data.facts.length,
      network.modalities,
    ),
  );
  const length = Math.max(...lengths);
  const ranks: Omit<Rank, 'query' | 'gold'>[] = [];
  for (let start = 0; start < shown.length; start += BATCH) {
    signal?.throwIfAborted();
    const own = shown.slice(start, start + BATCH);
    const scores = tf.tidy(() => {
      const batch = quizBatch(own, data, network.modalities, length);
      return answerScores(network, network.weights, batch).dataSync<'float32'>();
    });
    own.forEach(({ quiz }, at) => {
      const of = quiz.choices.map((choice) => scores[at * data.words.size + data.words.idOf(choice)]);
      ranks.push(rankOf(of, quiz.choices, new Set([quiz.shared])));
    });
    await setImmediate();
  }
  return ranks;
}

/** Fraction of questions whose shared value has the highest score. */
export async function accuracyOf(
  network: ComposedNetwork,
  shown: readonly ShownQuiz[],
  data: QuizData,
): Promise<number> {
  const ranks = await answerQuizzes(network, shown, data);
  return mean(ranks.map((rank) => recallAt(rank, 1)));
}
