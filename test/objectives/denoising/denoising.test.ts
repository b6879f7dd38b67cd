import { afterAll, describe, expect, test } from 'vitest';
import type { MoonConfig } from '../../../src/config/config.js';
import { prepare } from '../../../src/encoder/prepare.js';
import { startNetwork } from '../../../src/encoder/start-network.js';
import { likelihoods } from '../../../src/encoder/writing/likelihood.js';
import { NOISE } from '../../../src/moon/denoise.js';
import { stagesOf } from '../../../src/objectives/index.js';
import { train } from '../../../src/train/loop.js';
import type { StepRecord } from '../../../src/train/step-record.js';
import { copyState, type TrainState } from '../../../src/train/train-state.js';
import { shortConfig, shortShop, withoutTimes } from '../../train/run/short-run.js';

const config: MoonConfig = {
  ...shortConfig,
  captioning: { kind: 'denoising', fraction: 0.5, questions: ['text', 'attribute'] },
  engine: { compile: false },
};
const shop = shortShop();
const { encoder, pixels } = await prepare(config, shop);
afterAll(() => encoder.parameters.dispose());

async function run(own: MoonConfig, options: Parameters<typeof train>[3] = {}): Promise<StepRecord[]> {
  const records: StepRecord[] = [];
  const network = startNetwork(own, shop);
  await train(network, shop, pixels, { ...options, onStep: (record) => records.push(record) });
  network.parameters.dispose();
  return records;
}

describe('a denoising stage', () => {
  test('comes first, and learns to fill in what is hidden', async () => {
    expect(stagesOf(config).map(({ objective, steps }) => [objective.name, steps])).toEqual([
      ['denoising', 4],
      ['contrastive', 4],
    ]);
    const long = {
      ...config,
      captioning: { kind: 'denoising', fraction: 1 },
      optimizer: { ...config.optimizer, steps: 60, rate: 3e-3, accumulate: 1 },
      engine: { compile: true },
    } as const;
    const losses = (await run(long)).map(({ measures }) => measures.denoising);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    // Equal logits cost log of the vocabulary for every token.
    expect(mean(losses.slice(0, 5))).toBeGreaterThan(0.7 * Math.log(401));
    expect(mean(losses.slice(-10))).toBeLessThan(0.6 * mean(losses.slice(0, 5)));
  });

  test('resumes with the same hidden tokens, bit for bit', async () => {
    const states: TrainState[] = [];
    const whole = await run(config, { onState: (state) => void (state.step === 2 && states.push(copyState(state))) });
    const rest = await run(config, { resume: states[0] });
    expect(withoutTimes(rest)).toEqual(withoutTimes(whole.slice(2)));
  });

  test('is the same as one graph', async () => {
    const [plain, compiled] = [await run(config), await run({ ...config, engine: { compile: true } })];
    for (const [at, { loss }] of plain.entries()) expect(compiled[at].loss / loss).toBeCloseTo(1, 4);
  });

  test('has a token of its own beside the vocabulary, which stays the same without it', () => {
    const plain = startNetwork(shortConfig, shop);
    expect(plain.tokenizer.idOf(NOISE)).toBeUndefined();
    expect(encoder.tokenizer.idOf(NOISE)).toBe(plain.tokenizer.size);
    expect(encoder.tokenizer.idOf('[mask]')).toBe(plain.tokenizer.idOf('[mask]'));
    expect(encoder.model.network.text.vocabSize).toBe(plain.tokenizer.size + 1);
    plain.parameters.dispose();
  });

  test('answers no questions by next tokens', async () => {
    const question = { id: 'a', prompt: 'colour', answer: 'attribute' } as const;
    await expect(likelihoods(encoder, [{ question, answers: ['red'] }], pixels)).rejects.toThrow(
      "captioning.kind: got 'denoising'",
    );
  });
});
