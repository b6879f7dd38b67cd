import { describe, expect, test } from 'vitest';
import { logits } from '../../../src/backbones/layers/decoder.js';
import { checkConfig } from '../../../src/config/check-config.js';
import type { MoonConfig } from '../../../src/config/config.js';
import { withSellerTexts } from '../../../src/datasets/shop/seller-text.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { sequenceOptions } from '../../../src/encoder/encoder.js';
import { prepare } from '../../../src/encoder/prepare.js';
import { uploadPictured } from '../../../src/encoder/upload.js';
import { writeTexts } from '../../../src/encoder/writing/write-texts.js';
import { unflatten } from '../../../src/engine/flat-weights.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { randomStream } from '../../../src/engine/random.js';
import * as tf from '../../../src/engine/tf.js';
import { buildBatch } from '../../../src/moon/batch.js';
import { batchOptions, embedBatch } from '../../../src/moon/model.js';
import { answerSegment, exerciseSequence, questionAbout, questionSequence } from '../../../src/moon/question.js';
import { countedTokens, summaryMarks } from '../../../src/objectives/summaries/marks.js';
import { train } from '../../../src/train/loop.js';
import type { StepRecord } from '../../../src/train/step-record.js';
import { copyState, type TrainState } from '../../../src/train/train-state.js';
import { shopOptions, shortConfig, withoutTimes } from '../../train/run/short-run.js';

const shop = withSellerTexts(generateShop(shopOptions));
const config: MoonConfig = {
  ...shortConfig,
  vision: { kind: 'onnx', model: 'test/fixtures/colours', width: 3, pool: 2, views: 1 },
  attention: 'causal',
  region: { kind: 'none' },
  maxTextTokens: 160,
  captioning: { kind: 'summaries', fraction: 1 },
  promptGate: { kind: 'attend', after: 0 },
  optimizer: { ...shortConfig.optimizer, steps: 6, accumulate: 2 },
};

async function run(own: MoonConfig, resume?: TrainState) {
  const { encoder, pixels } = await prepare(own, shop);
  const records: StepRecord[] = [];
  const states: TrainState[] = [];
  await train(encoder, shop, pixels, {
    onStep: (record) => records.push(record),
    ...(resume && { resume }),
    onState: (state) => {
      if (state.step === 3) states.push(copyState(state));
    },
  });
  encoder.parameters.dispose();
  return { records, state: states[0] };
}

const losses = ['words', 'distance', 'contrast', 'regions'] as const;

describe('the stage of summaries', () => {
  test('adds each loss by its weight, and one without a weight is not there', async () => {
    const { records } = await run(config);
    const weights = { words: 0.3, distance: 0.3, contrast: 0.05, regions: 0.8 };
    for (const { loss, measures } of records) {
      const further = losses.reduce((sum, name) => sum + weights[name] * measures[name], 0);
      expect(loss).toBeCloseTo(measures.nextToken + config.balance * measures.balance + further, 4);
      for (const name of losses) expect(measures[name]).toBeGreaterThan(0);
    }
    const captioning = { kind: 'summaries' as const, fraction: 1, words: 0, distance: 0, contrast: 0, regions: 0 };
    const { records: bare } = await run({ ...config, captioning });
    for (const name of losses) expect(bare[0].measures).not.toHaveProperty(name);
  });

  test('resumes bit for bit, and leaves no tensor', async () => {
    const whole = await run(config);
    const { records } = await run(config, whole.state);
    expect(withoutTimes(records)).toEqual(withoutTimes(whole.records.slice(3)));
    tf.dispose(whole.state.tensors);
    const { leaked } = await countLeaks(async () => {
      const { state } = await run(config);
      tf.dispose(state.tensors);
    });
    expect(leaked).toBe(0);
  });

  test('refuses what its network cannot have', () => {
    const own = { kind: 'qwen' as const };
    expect(() => checkConfig({ ...config, vision: own })).toThrow('captioning.regions: got 0.8, expected 0.');
  });
});

test('marks say where prompts and visual tokens stand, which words are meant, and which regions are hidden', async () => {
  const { encoder, pixels } = await prepare(config, shop);
  const read = sequenceOptions(encoder, pixels);
  const sequences = shop.products.slice(0, 3).map((product) => exerciseSequence(product, 'summary', 0, read));
  const batch = buildBatch(sequences, batchOptions(encoder.model));
  const { vocabSize: vocabulary } = encoder.model.network.text;
  const counted = countedTokens(sequences, vocabulary);
  const marks = summaryMarks(sequences, batch, { vocabulary, counted, stream: randomStream(1, 'marks') });
  const kinds = sequences.map(({ segments }) => segments.map(({ aspect }) => aspect));
  expect(kinds[0]).toEqual(['image', 'prompt', 'prompt', 'title']);
  const [isPrompt, isVisual, present, rows] = [marks.isPrompt, marks.isVisual, marks.present, marks.rows].map(
    (tensor) => [...tensor.dataSync()],
  );
  batch.aspects.forEach((aspect, row) => {
    expect(isPrompt[row]).toBe(Number(aspect === 'prompt'));
    expect(isVisual[row]).toBe(Number(batch.source[row] >= vocabulary));
  });
  // Four visual tokens a picture, in order.
  expect(rows).toHaveLength(12);
  rows.forEach((row, at) => {
    expect(batch.source[row]).toBe(vocabulary + at);
  });
  sequences.forEach(({ segments }, text) => {
    const own = new Set(segments.at(-1)!.ids);
    for (let id = 0; id < vocabulary; id++) expect(present[text * vocabulary + id]).toBe(Number(own.has(id)));
  });
  // The end token is in all texts and tells nothing.
  expect(counted[sequences[0].segments.at(-1)!.ids.at(-1)!]).toBe(0);
  tf.dispose([marks, encoder.parameters]);
});

test('what a network with a gate writes token by token is what it finds likeliest when it reads all at once', async () => {
  const { encoder, pixels } = await prepare(config, shop);
  const read = sequenceOptions(encoder, pixels);
  const asked = shop.products.slice(0, 2).map((product) => questionAbout(product, product.images[0], 'summary')!);
  const prompts = asked.map((question) => questionSequence(question, read));
  const written = await writeTexts(encoder, prompts, pixels, { most: 4 });
  const special = new Set(encoder.tokenizer.encode('<|image_pad|><|vision_start|>[mask]'));
  const weights = unflatten(encoder.parameters, encoder.layout);
  for (const [at, { ids }] of written.entries()) {
    const answer = answerSegment('title', asked[at].text, read);
    const whole = { ...prompts[at], segments: [...prompts[at].segments, { ...answer, ids }] };
    const batch = buildBatch([whole], batchOptions(encoder.model));
    const { hidden } = embedBatch(encoder.model, weights, batch, uploadPictured(batch, encoder.model, pixels));
    const scores = logits(weights, tf.reshape(hidden, [batch.length, -1]) as tf.Tensor2D).arraySync();
    const start = prompts[at].segments.reduce((sum, segment) => sum + segment.ids.length, 0);
    ids.forEach((id, place) => {
      const row = scores[start + place - 1];
      const best = Math.max(...row.filter((_, token) => token >= 11 && !special.has(token)));
      expect(row[id]).toBeCloseTo(best, 3);
    });
  }
  encoder.parameters.dispose();
});
