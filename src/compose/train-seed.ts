import { type DecoderConfig, smallDecoder } from '../backbones/layers/decoder-config.js';
import type { Weights } from '../engine/flat-weights.js';
import { randomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import { lengthOfViews, type QuizData } from './batch.js';
import { isOfModality, type ModalityShape } from './modality.js';
import { type ComposedNetwork, initParts, initTextNetwork } from './network.js';
import type { SharedQuiz } from './quiz.js';
import type { CompositionSettings } from './settings.js';
import { type QuizTrainOptions, trainQuiz } from './train-quiz.js';
import { allWords, oneModality, shownAs, shownIn, someModalities, type ViewsOf } from './views.js';

/** Networks of one seed, made one by one. The caller frees them with `dispose`. */
export interface ComposedSeed {
  words: ComposedNetwork;
  /** Models of one modality with one adapter for all tokens, and with adapters of modality and words apart. */
  plain: ComposedNetwork[];
  apart: ComposedNetwork[];
  /** Trained on all modalities together. */
  joint: ComposedNetwork;
  dispose(): void;
}

export interface SeedOptions {
  seed: number;
  onProgress?: (label: string, done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Train the language model, a model of each modality in both ways, and one of all. */
export async function trainSeed(
  settings: CompositionSettings,
  data: QuizData,
  train: readonly SharedQuiz[],
  { seed, onProgress, signal }: SeedOptions,
): Promise<ComposedSeed> {
  const { facts, frame, rank } = settings;
  const stream = randomStream(seed, 'compose');
  const made: Weights[] = [];
  const run = async (
    label: string,
    network: ComposedNetwork,
    viewsOf: ViewsOf,
    training: Partial<QuizTrainOptions>,
  ) => {
    const own = stream.child(label);
    const options = { ...settings.expert, ...training };
    const weights = await trainQuiz(network, data, {
      ...options,
      length: lengthOfViews(viewsOf.longest, facts.length, network.modalities),
      draw: (count) => Array.from({ length: count }, () => shownAs(own.pick(train), viewsOf.draw(own), own)),
      onStep: (step) => onProgress?.(label, step, options.steps),
      signal,
    });
    made.push(weights);
    return weights;
  };
  const start = initTextNetwork(decoderOf(settings, data.words.size), stream.child('start'));
  made.push(start.weights);
  const words = { ...start, weights: await run('words', start, allWords, settings.words) };
  const isPart = (name: string) => isOfModality(name) || name.includes('.lora_');
  const expert = async (
    label: string,
    own: readonly ModalityShape[],
    adapters: ComposedNetwork['adapters'],
    viewsOf: ViewsOf,
    steps: number,
  ) => {
    const parts = initParts(words, own, Object.keys(adapters), rank, stream.child(`start of ${label}`));
    made.push(parts);
    const network: ComposedNetwork = { ...words, modalities: own, adapters, weights: { ...words.weights, ...parts } };
    const trained = await run(label, network, viewsOf, { steps, isTrained: isPart });
    return { ...network, weights: { ...words.weights, ...trained } };
  };
  const shapes = (frame: number) => data.modalities.map(({ name, tokens, width }) => ({ name, tokens, width, frame }));
  const plain: ComposedNetwork[] = [];
  const apart: ComposedNetwork[] = [];
  const { steps } = settings.expert;
  for (const [at, { name }] of data.modalities.entries()) {
    const views = oneModality(name);
    plain.push(await expert(`${name}, one adapter`, [shapes(0)[at]], { [name]: 'all' }, views, steps));
    const adapters = { [name]: { modality: name }, words: 'words' as const };
    apart.push(await expert(`${name}, adapters apart`, [shapes(frame)[at]], adapters, views, steps));
  }
  const adapters = {
    ...Object.fromEntries(shownIn.map((name) => [name, { modality: name }])),
    words: 'words' as const,
  };
  const joint = await expert('joint', shapes(frame), adapters, someModalities, steps * data.modalities.length);
  return { words, plain, apart, joint, dispose: () => tf.dispose(made) };
}

const decoderOf = ({ network: { width, depth, heads } }: CompositionSettings, vocabSize: number): DecoderConfig =>
  smallDecoder({ vocabSize, depth, width, heads, maxPositions: 256, initRange: 0.02 });
