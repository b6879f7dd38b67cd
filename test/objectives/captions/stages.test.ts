import { describe, expect, test } from 'vitest';
import { prepare } from '../../../src/encoder/prepare.js';
import { stagesOf } from '../../../src/objectives/index.js';
import { train } from '../../../src/train/loop.js';
import type { StepRecord } from '../../../src/train/step-record.js';
import { shortConfig, shortShop } from '../../train/run/short-run.js';

const steps = (fraction: number, when: 'before' | 'between', of: number) =>
  stagesOf({
    ...shortConfig,
    captioning: { kind: 'captions', fraction, when },
    optimizer: { ...shortConfig.optimizer, steps: of },
  }).flatMap(({ objective, steps: count }) => Array<string>(count).fill(objective.name));

describe('captioning steps', () => {
  test('come first, or evenly between the others', () => {
    expect(steps(0.5, 'before', 4)).toEqual(['captions', 'captions', 'contrastive', 'contrastive']);
    expect(steps(0.5, 'between', 4)).toEqual(['contrastive', 'captions', 'contrastive', 'captions']);
    expect(steps(0.75, 'between', 4)).toEqual(['contrastive', 'captions', 'captions', 'captions']);
    expect(steps(1, 'between', 3)).toEqual(['captions', 'captions', 'captions']);
    expect(steps(0, 'between', 3)).toEqual(['contrastive', 'contrastive', 'contrastive']);
  });

  test.each([0.1, 0.3, 0.6, 0.9])(
    'are as many between as before, and never far from their fraction (%d)',
    (fraction) => {
      const between = steps(fraction, 'between', 50);
      const count = between.filter((name) => name === 'captions').length;
      expect(count).toBe(steps(fraction, 'before', 50).filter((name) => name === 'captions').length);
      let so = 0;
      for (const [at, name] of between.entries()) {
        so += Number(name === 'captions');
        expect(Math.abs(so - (at + 1) * (count / 50))).toBeLessThan(1);
      }
    },
  );

  test('ask in turn, and leave the queue of the contrastive steps between them as it is', async () => {
    const config = {
      ...shortConfig,
      captioning: { kind: 'captions', fraction: 0.5, questions: ['category', 'attribute', 'box'], when: 'between' },
      optimizer: { ...shortConfig.optimizer, steps: 6, accumulate: 1 },
      engine: { compile: false },
    } as const;
    const shop = shortShop();
    const { encoder, pixels } = await prepare(config, shop);
    const records: StepRecord[] = [];
    await train(encoder, shop, pixels, { onStep: (record) => records.push(record) });
    encoder.parameters.dispose();
    expect(records.map(({ stage }) => stage)).toEqual(Array(3).fill(['contrastive', 'captions']).flat());
    // The first contrastive step has an empty queue; the later ones meet items of those before, over the captions between.
    const temporal = records
      .filter(({ stage }) => stage === 'contrastive')
      .map(({ uniqueNegatives }) => uniqueNegatives?.temporal ?? 0);
    expect(temporal[0]).toBe(0);
    expect(temporal[2]).toBeGreaterThan(0);
  });
});
