import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TOKENS } from '../../src/backbones/layers/decoder-names.js';
import { withSettings } from '../../src/config/check-config.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { loadBest } from '../../src/encoder/checkpoints.js';
import { embedSequences } from '../../src/encoder/embed.js';
import { sequenceOptions } from '../../src/encoder/encoder.js';
import { frozenTextOf } from '../../src/encoder/frozen-text.js';
import { withFrozenShare } from '../../src/encoder/joined-embedding.js';
import { prepare } from '../../src/encoder/prepare.js';
import { flatten, unflatten, type Weights } from '../../src/engine/flat-weights.js';
import * as tf from '../../src/engine/tf.js';
import { explain } from '../../src/evaluate/explain.js';
import { buildBatch } from '../../src/moon/batch.js';
import { batchOptions } from '../../src/moon/model.js';
import { productSequence, querySequence, readSequence } from '../../src/moon/sequence.js';
import { textProjectorNames } from '../../src/moon/weight-names.js';
import { trainRun } from '../../src/train/run/train-run.js';
import { writeEncoder } from '../pictures/onnx-file.js';
import { digits, shopOptions, shortConfig } from '../train/run/short-run.js';

const text = { kind: 'frozen', model: 'test/fixtures/bert-tiny', width: 12 } as const;
const shop = generateShop(shopOptions);
const root = mkdtempSync(join(tmpdir(), 'moon-text-'));
const model = join(root, 'model.onnx');
writeEncoder(model, 16, 4);
const vision = { kind: 'onnx', model, width: 3, pool: 2 } as const;
const config = withSettings(shortConfig, { text, vision, captioning: { kind: 'none' }, optimizer: { steps: 4 } });
const most = config.maxTextTokens;

test('texts are read as the slow way says: each state, scaled and projected, in place of a word', async () => {
  const { encoder, pixels } = await prepare(config, shop);
  const read = sequenceOptions(encoder, pixels);
  const sequences = [
    querySequence({ id: 'q', text: 'Red mugs' }, read),
    productSequence(shop.products[0], read),
    querySequence({ id: 'long', text: 'red '.repeat(40), image: shop.products[1].images[0] }, read),
  ];
  expect(readSequence(sequences[0], encoder.tokenizer)).toBe('[title] Red mugs');
  expect(sequences[2].segments.at(-1)?.ids.length).toBe(Math.min(most, 14));

  // The same network with a vocabulary of its own, whose words are the projected states.
  const words = frozenTextOf(text)!;
  const rows: number[][] = [];
  const plain = sequences.map((sequence) => ({
    ...sequence,
    segments: sequence.segments.map(({ read: given, ...segment }) => {
      if (!given) return segment;
      const states = words.statesOf(given);
      const own = Array.from(states.slice(12, -12));
      const scale = 1 / Math.sqrt(own.reduce((sum, value) => sum + value ** 2, 0) / own.length);
      const ids = segment.ids.map((_, at) => rows.push(own.slice(at * 12, at * 12 + 12).map((each) => each * scale)));
      return { ...segment, ids: ids.map((id) => id - 1 + encoder.model.network.text.vocabSize) };
    }),
  }));
  const named = tf.tidy((): Weights => {
    const weights = unflatten(encoder.parameters, encoder.layout);
    const projected = tf.add(
      tf.matMul(tf.tensor2d(rows), weights[textProjectorNames.weight] as tf.Tensor2D, false, true),
      weights[textProjectorNames.bias],
    );
    const all = { ...weights, [TOKENS]: tf.concat([weights[TOKENS], projected]) };
    return Object.fromEntries(Object.entries(all).map(([name, each]) => [name, tf.clone(each)]));
  });
  const slow = flatten(named);
  const { network } = encoder.model;
  const vocabSize = network.text.vocabSize + rows.length;
  const other = {
    ...encoder,
    ...slow,
    config: { ...encoder.config, text: undefined },
    model: { ...encoder.model, text: undefined, network: { ...network, text: { ...network.text, vocabSize } } },
  };
  const [fast, right] = [await embedSequences(encoder, sequences, pixels), await embedSequences(other, plain, pixels)];
  for (const [at, value] of fast.vectors.entries()) expect(Math.abs(value - right.vectors[at])).toBeLessThan(1e-5);
  const { states, texts } = buildBatch(sequences, batchOptions(encoder.model));
  expect([states % 64, texts.length > 3, states >= rows.length]).toEqual([0, true, true]);
  expect((await explain(encoder, shop.products[0], pixels)).sequence.map((segment) => segment.text)).toContain(
    shop.products[0].title,
  );
  tf.dispose([encoder.parameters, slow.parameters]);
});

test('a run trains, goes on bit for bit, and is loaded with its texts; joined vectors add what the frozen encoders know', async () => {
  const whole = join(root, 'whole');
  const parts = join(root, 'parts');
  const whole8 = await trainRun(whole, config, shop, { every: 2 });
  const stopped = new AbortController();
  await trainRun(parts, config, shop, {
    every: 2,
    signal: stopped.signal,
    onStep: ({ step }) => step === 3 && stopped.abort(),
  });
  const resumed = await trainRun(parts, config, shop, { every: 2, resume: true });
  expect(digits(parts)).toEqual(digits(whole));

  const { pixels } = whole8;
  const learned = loadBest(whole);
  const joined = withFrozenShare(learned, 0.25);
  expect(withFrozenShare(joined, 0).config.embedding).toEqual({ kind: 'learned' });
  const read = sequenceOptions(learned, pixels);
  const sequences = [
    productSequence(shop.products[0], read),
    querySequence({ id: 'words', text: 'red mugs' }, read),
    querySequence({ id: 'photo', image: shop.products[1].images[0] }, read),
  ];
  const [one, both] = [
    await embedSequences(learned, sequences, pixels),
    await embedSequences(joined, sequences, pixels),
  ];
  expect([one.width, both.width]).toEqual([one.width, one.width + 3 + 12]);
  const dot = ({ vectors, width }: typeof one, a: number, b: number, from = 0, to = width) =>
    vectors
      .subarray(a * width + from, a * width + to)
      .reduce((sum, value, at) => sum + value * vectors[b * width + from + at], 0);
  for (const at of [0, 1, 2]) expect(dot(both, at, at)).toBeCloseTo(1, 5);
  // Words and a photo have no frozen part in common; a photo and a product share half of the product's.
  expect(dot(both, 1, 2)).toBeCloseTo(0.75 * dot(one, 1, 2), 5);
  const [pictures, texts] = [one.width, one.width + 3];
  expect(dot(both, 0, 0, pictures, texts)).toBeCloseTo(0.125, 5);
  expect(dot(both, 2, 2, pictures, texts)).toBeCloseTo(0.25, 5);
  expect(dot(both, 1, 1, texts)).toBeCloseTo(0.25, 5);
  tf.dispose([learned.parameters, whole8.encoder.parameters, resumed.encoder.parameters]);
});

test('settings that do not go together are refused', () => {
  const wrong = (more: object) => () => withSettings(config, more);
  expect(wrong({ network: { from: 'x' } })).toThrow('A published network reads with its own vocabulary.');
  expect(wrong({ captioning: { kind: 'captions', fraction: 0.5 } })).toThrow('a network has no words to write.');
  expect(wrong({ embedding: { kind: 'joined', frozen: 0.5 }, pooling: { nested: [8] } })).toThrow(
    'vectors have parts.',
  );
  expect(() => withSettings(shortConfig, { embedding: { kind: 'joined', frozen: 0.5 } })).toThrow(
    "Neither vision.kind is 'onnx' nor text.kind 'frozen'",
  );
});
