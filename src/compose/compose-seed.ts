import type { DecoderConfig } from '../backbones/layers/decoder-config.js';
import type { Weights } from '../engine/flat-weights.js';
import { type RandomStream, randomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import { adjustLambdas } from '../weights/compose/adjust.js';
import { composeDecoupled } from '../weights/compose/decoupled.js';
import { averagedApart, joinedSide } from '../weights/compose/naive.js';
import { lengthOfViews, type QuizData, type ShownQuiz, type View } from './batch.js';
import { isOfModality, type ModalityShape } from './modality.js';
import {
  type AdapterTokens,
  adapterOf,
  type ComposedNetwork,
  initParts,
  initTextNetwork,
  withAdapter,
} from './network.js';
import type { SharedQuiz } from './quiz.js';
import type { CompositionSettings } from './settings.js';
import { type QuizTrainOptions, trainQuiz } from './train-quiz.js';

/** Which of the products of a question is shown in which modality. */
export const shownIn = ['photo', 'edges', 'table'] as const;

/** The questions of a seed. */
export interface Quizzes {
  train: readonly SharedQuiz[];
  dev: readonly SharedQuiz[];
  val: readonly SharedQuiz[];
}

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
  { train }: Quizzes,
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
    const longest = viewsOf.longest.map((view) => view);
    const options = { ...settings.expert, ...training };
    const weights = await trainQuiz(network, data, {
      ...options,
      length: lengthOfViews(longest, facts.length, network.modalities),
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

function decoderOf({ network: { width, depth, heads } }: CompositionSettings, vocabSize: number): DecoderConfig {
  return {
    vocabSize,
    depth,
    width,
    heads,
    keyValueHeads: heads,
    feedForwardWidth: 2 * width,
    normEpsilon: 1e-6,
    ropeTheta: 10000,
    mropeSection: [width / heads / 2, 0, 0],
    maxPositions: 256,
    initRange: 0.02,
  };
}

/** How the three products of a question are shown: drawn for each, and the views that take most tokens. */
interface ViewsOf {
  draw(stream: RandomStream): readonly View[];
  longest: readonly View[];
}

const allWords: ViewsOf = { draw: () => ['words', 'words', 'words'], longest: ['words', 'words', 'words'] };

/** One product in its modality, the others in words. */
export const oneModality = (name: string): ViewsOf => {
  const views = shownIn.map((each): View => (each === name ? { modality: name } : 'words'));
  return { draw: () => views, longest: views };
};

/** Each product in its modality, or in words. */
const someModalities: ViewsOf = {
  draw: (stream) => shownIn.map((modality): View => (stream.uniform() < 0.5 ? 'words' : { modality })),
  longest: shownIn.map((modality) => ({ modality })),
};

/** A question with its products in random order. */
export function shownAs(quiz: SharedQuiz, views: readonly View[], stream: RandomStream): ShownQuiz {
  return { quiz, slots: stream.shuffle([0, 1, 2] as const).map((at) => ({ at, view: views[at] })) };
}

/** How adapters of words are composed. */
export type Composition = 'matrices' | 'products' | 'decoupled';

/** Compose models of one modality into one of all. The caller frees `added`. */
export function composed(
  how: Composition,
  { words, plain, apart }: Pick<ComposedSeed, 'words' | 'plain' | 'apart'>,
  lambdas: readonly number[],
): { network: ComposedNetwork; added: Weights } {
  const models = how === 'decoupled' ? apart : plain;
  const own = Object.assign({}, ...models.map(({ weights }) => onlyModalities(weights)));
  const base = { ...words, modalities: models.flatMap(({ modalities }) => modalities) };
  if (how === 'decoupled') {
    const given = models.map(({ weights, modalities: [{ name }] }) => {
      return { modality: name, modal: adapterOf(weights, name), words: adapterOf(weights, 'words') };
    });
    const found = Object.entries(composeDecoupled(given, lambdas));
    const added = Object.assign({}, ...found.map(([name, weights]) => withAdapter(weights, name)));
    const tokens = (name: string): AdapterTokens => (name === 'words' ? 'words' : { modality: name });
    const adapters = Object.fromEntries(found.map(([name]) => [name, tokens(name)]));
    return { network: { ...base, adapters, weights: { ...words.weights, ...own, ...added } }, added };
  }
  const given = models.map(({ weights, modalities: [{ name }] }) => adapterOf(weights, name));
  const sum = how === 'matrices' ? averagedApart(given, lambdas) : joinedSide(given, lambdas);
  const added = withAdapter(sum, 'shared');
  return { network: { ...base, adapters: { shared: 'all' }, weights: { ...words.weights, ...own, ...added } }, added };
}

const onlyModalities = (weights: Weights) =>
  Object.fromEntries(Object.entries(weights).filter(([name]) => isOfModality(name)));

/** Factors of the adapters, chosen by accuracy on dev. */
export function adjusted(
  how: Composition,
  networks: Pick<ComposedSeed, 'words' | 'plain' | 'apart'>,
  values: readonly number[],
  accuracy: (network: ComposedNetwork) => Promise<number>,
) {
  return adjustLambdas(shownIn.length, values, async (lambdas) => {
    const { network, added } = composed(how, networks, lambdas);
    try {
      return await accuracy(network);
    } finally {
      tf.dispose(added);
    }
  });
}
