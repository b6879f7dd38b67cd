import type { Weights } from '../engine/flat-weights.js';
import * as tf from '../engine/tf.js';
import { crossEntropy } from '../losses/next-token.js';
import { trainWeights } from '../train/train-weights.js';
import { type QuizData, type QuizTensors, quizBatch, type ShownQuiz } from './batch.js';
import { answerScores } from './forward.js';
import type { ComposedNetwork } from './network.js';

/** How a network learns to answer. */
export interface QuizTraining {
  steps: number;
  /** Questions of an update. */
  batch: number;
  /** Peak of the learning rate, after a warm-up over a tenth of the steps. */
  rate: number;
}

export interface QuizTrainOptions extends QuizTraining {
  /** The questions of an update, with their views. */
  draw(count: number): ShownQuiz[];
  /** Tokens that questions are padded to. */
  length: number;
  /** Names of the weights that are trained. Default all. */
  isTrained?: (name: string) => boolean;
  onStep?: (step: number, loss: number) => void;
  signal?: AbortSignal;
}

/**
 * Train a network on questions by the cross-entropy of the shared value. Returns the trained weights, new tensors; the network's own stay.
 * @throws the signal's reason if aborted
 */
export function trainQuiz(
  network: ComposedNetwork,
  data: QuizData,
  { batch: size, draw, length, isTrained = () => true, ...training }: QuizTrainOptions,
): Promise<Weights> {
  const { weights, ...shape } = network;
  const part = (trained: boolean) =>
    Object.fromEntries(Object.entries(weights).filter(([name]) => isTrained(name) === trained));
  return trainWeights({
    ...training,
    name: 'quiz step',
    captures: shape,
    weights: part(true),
    frozen: part(false),
    loss: (weights, { targets, ...batch }: QuizTensors & { targets: tf.Tensor1D }, _: null) =>
      tf.mean(crossEntropy(answerScores(shape, weights, batch), targets)),
    batchOf() {
      const shown = draw(size);
      const targets = shown.map(({ quiz }) => data.words.idOf(quiz.shared));
      const tensors = quizBatch(shown, data, shape.modalities, length);
      return { tensors: { ...tensors, targets: tf.tensor1d(targets, 'int32') }, kind: null };
    },
  });
}
