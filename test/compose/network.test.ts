import { afterAll, describe, expect, test } from 'vitest';
import { runLanguage } from '../../src/backbones/layers/decoder.js';
import { lengthOfViews, type QuizData, quizBatch, type View } from '../../src/compose/batch.js';
import { composed } from '../../src/compose/compose.js';
import { answerScores } from '../../src/compose/forward.js';
import type { Modality } from '../../src/compose/modality.js';
import { adapterOf, type ComposedNetwork, initParts, initTextNetwork } from '../../src/compose/network.js';
import { factsOf, sharedQuizzes } from '../../src/compose/quiz.js';
import { compositionSettings } from '../../src/compose/settings.js';
import { tableModality } from '../../src/compose/shop-modalities.js';
import { trainSeed } from '../../src/compose/train-seed.js';
import { shownAs, shownIn } from '../../src/compose/views.js';
import { wordsOf } from '../../src/compose/words.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';

const { facts, inEdges } = compositionSettings;
const shop = generateShop({ products: 1500, evaluationQueries: 1, trainQueries: 1, imageSize: 16 });
const products = shop.products.map(factsOf);
const noise = (name: string): Modality => {
  const stream = randomStream(1, name);
  return { name, tokens: 2, width: 5, features: Float32Array.from({ length: 1500 * 10 }, () => stream.normal()) };
};
const modalities = [noise('photo'), noise('edges'), tableModality(products, facts)];
const data: QuizData = { products, facts, words: wordsOf(products, facts), modalities };
const quizzes = sharedQuizzes(products, { facts, shownBySecond: inEdges, count: 24, stream: randomStream(1, 'quiz') });
const settings = {
  ...compositionSettings,
  network: { width: 16, depth: 2, heads: 2 },
  rank: 2,
  frame: 2,
  words: { steps: 3, batch: 4, rate: 1e-2 },
  expert: { steps: 3, batch: 4, rate: 1e-2 },
};
const networks = await trainSeed(settings, data, quizzes, { seed: 1 });
afterAll(() => networks.dispose());

/** Scores of some questions, shown in these views. */
function scores(network: ComposedNetwork, views: readonly View[], count = 6): number[][] {
  const stream = randomStream(2, 'order');
  const shown = quizzes.slice(0, count).map((quiz) => shownAs(quiz, views, stream));
  const length = lengthOfViews(views, facts.length, network.modalities);
  return tf.tidy(() =>
    answerScores(network, network.weights, quizBatch(shown, data, network.modalities, length)).arraySync(),
  );
}

const only = (name: string, other: View = 'words'): View[] =>
  shownIn.map((each) => (each === name ? { modality: name } : other));
function close(one: number[][], other: number[][], digits = 4): void {
  for (const [at, row] of one.entries())
    for (const [place, value] of row.entries()) expect(value).toBeCloseTo(other[at][place], digits);
}

describe('composed networks', () => {
  test.each(shownIn)(
    'DAMC with the factor 1 of %s and 0 of the others is its model, on questions of its modality',
    (name) => {
      const at = shownIn.indexOf(name);
      const { network, added } = composed(
        'decoupled',
        networks,
        shownIn.map((each) => Number(each === name)),
      );
      close(scores(network, only(name)), scores(networks.apart[at], only(name)));
      tf.dispose(added);
    },
  );

  test.each(['matrices', 'products'] as const)(
    'NaiveMC by %s with one factor of 1 is the model of that modality',
    (how) => {
      const { network, added } = composed(how, networks, [0, 0, 1]);
      close(scores(network, only('table')), scores(networks.plain[2], only('table')));
      tf.dispose(added);
    },
  );

  test('adapters of another modality do not reach words and other tokens', () => {
    const { network, added } = composed('decoupled', networks, [1 / 3, 1 / 3, 1 / 3]);
    const seen = scores(network, only('table', 'none'));
    const photo = Object.fromEntries(
      Object.entries(added).map(([name, matrix]) => [name, name.includes('.photo.') ? tf.mul(matrix, 9) : matrix]),
    );
    close(scores({ ...network, weights: { ...network.weights, ...photo } }, only('table', 'none')), seen);
    const table = Object.fromEntries(
      Object.entries(added).map(([name, matrix]) => [name, name.includes('.table.') ? tf.mul(matrix, 9) : matrix]),
    );
    const changed = scores({ ...network, weights: { ...network.weights, ...table } }, only('table', 'none'));
    expect(Math.abs(changed[0][0] - seen[0][0])).toBeGreaterThan(1e-3);
    tf.dispose([photo, table]);
    tf.dispose(added);
  });

  test('a product in words is the tokens of its values, however the batch is padded', () => {
    const { words, weights } = { words: data.words, weights: networks.words.weights };
    const [quiz] = quizzes;
    const shown = { quiz, slots: ([0, 1, 2] as const).map((at) => ({ at, view: 'words' as const })) };
    const own = quiz.products.flatMap((product, slot) => [
      `<${slot + 1}>`,
      ...facts.map((name) => products[product][name]),
    ]);
    const ids = [...own, '<shared>'].map((word) => words.idOf(word));
    const slow = tf.tidy(() => {
      const table = weights['model.embed_tokens.weight'] as tf.Tensor2D;
      const embeddings = tf.expandDims(tf.gather(table, tf.tensor1d(ids, 'int32')), 0) as tf.Tensor3D;
      const positions = tf.tensor3d(
        [0, 1, 2].flatMap(() => ids.map((_, at) => at)),
        [3, 1, ids.length],
        'int32',
      );
      const { last } = runLanguage(networks.words.decoder, weights, { embeddings, positions, attention: 'causal' });
      const row = tf.reshape(tf.slice(last, [0, ids.length - 1, 0], [1, 1, -1]), [1, -1]) as tf.Tensor2D;
      return tf.matMul(row, table, false, true).arraySync() as number[][];
    });
    const found = tf.tidy(() => {
      const batch = quizBatch([shown], data, [], ids.length + 9);
      return answerScores(networks.words, weights, batch).arraySync();
    });
    close(found, slow);
  });

  test('training moves the parts alone, and leaves no tensor but the networks', async () => {
    const [photo] = networks.apart;
    for (const [name, weight] of Object.entries(networks.words.weights))
      expect(photo.weights[name].dataSync()).toEqual(weight.dataSync());
    const { leaked } = await countLeaks(async () => {
      const again = await trainSeed(settings, data, quizzes, { seed: 1 });
      // The same seed trains the same networks.
      expect(scores(again.joint, only('photo'))).toEqual(scores(networks.joint, only('photo')));
      again.dispose();
    });
    expect(leaked).toBe(0);
  });
});

test('new parts change nothing but by what they are shown', () => {
  const stream = randomStream(1, 'parts');
  const start = initTextNetwork(networks.words.decoder, stream);
  const shape = { name: 'photo', tokens: 2, width: 5, frame: 1 };
  const parts = initParts(start, [shape], ['photo', 'words'], 2, stream);
  const network: ComposedNetwork = {
    ...start,
    modalities: [shape],
    adapters: { photo: { modality: 'photo' }, words: 'words' },
    weights: { ...start.weights, ...parts },
  };
  const words: View[] = ['words', 'words', 'words'];
  expect(scores(network, words)).toEqual(scores(start, words));
  expect(Object.keys(adapterOf(parts, 'photo'))).toHaveLength(2 * 7 * 2);
  tf.dispose([start.weights, parts]);
});
